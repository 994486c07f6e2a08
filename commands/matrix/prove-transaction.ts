import type { DynamoDbRequest } from '../../infra/local/dynamodb/dynamodb-request.ts';
import type { Fault, Injected } from '../../infra/local/dynamodb/faults.ts';
import type { Stack } from '../../infra/local/stack.ts';
import type { Lab, Learner } from './lab.ts';
import { attempt, failed, proved, type Proof } from './proof.ts';
import { rowsOf, shapeOf, type StudentRows, textOf } from './student-rows.ts';
import type { Transaction } from './transactions.ts';

/** Section 10: what belongs together is written together, whatever goes wrong on the way. */

/** An operation under proof. */
interface Trial {
  readonly lab: Lab;
  readonly stack: Stack;
  readonly operation: Transaction;
}

/** What one write of a transaction can fail of, by the names that DynamoDB has for it. */
const CANCELLATIONS = ['condition-failed', 'conflict', 'item-throttle'] as const;
type Cancellation = (typeof CANCELLATIONS)[number];

/** Longer than a function waits for the database: what it has given up on and sent again arrives after all. */
const LATE_MS = 4_000;

/** What leaves open whether anything was committed. */
const UNKNOWN_OUTCOMES: readonly (readonly Fault[])[] = [
  [{ kind: 'lost-reply' }],
  [{ kind: '500-before' }],
  [{ kind: '500-after' }],
];
const OTHERS: readonly (readonly Fault[])[] = [
  [{ kind: 'throttle' }],
  [{ kind: 'delay', milliseconds: LATE_MS }],
];
const COMMITTED = ['lost-reply', '500-after'] as const;

/**
 * Proves that an operation is one transaction, that it is done whole or not at all whichever of its writes fails, and
 * that it is done once where nobody knows whether it was. With `everyFault`, each write fails in every way and at
 * every moment, which takes many learners; without, each write in one way.
 */
export async function proveTransaction(
  lab: Lab,
  stack: Stack,
  operation: Transaction | undefined,
  { everyFault = false } = {},
): Promise<Readonly<Record<'Transaction' | 'Atomic' | 'Status', Proof>>> {
  if (operation === undefined) throw new Error('There is no such operation');
  const trial = { lab, stack, operation };
  let expected: Undisturbed;
  try {
    expected = await undisturbed(trial);
  } catch (error) {
    const proof = failed(error instanceof Error ? error.message : String(error));
    return { Transaction: proof, Atomic: proof, Status: proof };
  }
  const { tables } = expected;
  const passing: (readonly Fault[])[] = [
    ...UNKNOWN_OUTCOMES,
    ...(everyFault ? [...OTHERS, tables.map((_, item) => ({ kind: cancellationAt(item), item }))] : []),
  ];
  const [atomic, status] = await Promise.all([
    attempt(async () => {
      await all(tables, (_, item) =>
        failsWhole(trial, item, everyFault ? CANCELLATIONS : [cancellationAt(item)], expected),
      );
      return proved(`each of its ${tables.length} writes failed in turn, and nothing was written`);
    }),
    attempt(async () => {
      await Promise.all([
        all(passing, (faults) => endsOnce(trial, faults, expected)),
        all(everyFault ? COMMITTED : [], (kind) => outlivesItsFunction(trial, kind, expected)),
      ]);
      return proved('done once after a lost reply and errors before and after the commit');
    }),
  ]);
  return {
    Transaction: proved(`one transaction of ${tables.length} writes`),
    Atomic: atomic,
    Status: status,
  };
}

/** An operation as it goes when nothing goes wrong. */
interface Undisturbed {
  /** The tables of its writes and conditions, by their position in the transaction. */
  readonly tables: readonly string[];
  readonly shape: string;
}

/** Transaction: it makes one TransactWriteItems that writes to all its tables, and no other write. */
async function undisturbed(trial: Trial): Promise<Undisturbed> {
  const { lab, stack, operation } = trial;
  const learner = await ready(trial);
  const requests: DynamoDbRequest[] = [];
  const stop = onWrite(stack, operation, learner, (request) => requests.push(request));
  try {
    await operation.does(learner, lab);
    await lab.quiet();
  } finally {
    stop();
  }
  const [transaction, ...others] = requests;
  if (transaction?.operation !== 'TransactWriteItems') throw new Error('it writes without a transaction');
  if (others.length > 0) throw new Error(`it writes ${requests.length} times`);
  const written = transaction.accesses.filter(({ writes }) => writes).map(({ table }) => table);
  const missing = operation.tables.filter((table) => !written.includes(table));
  if (missing.length > 0) throw new Error(`its transaction leaves out ${missing.join(', ')}`);
  return {
    tables: transaction.accesses.map(({ table = '' }) => table),
    shape: shapeOf(await watchedRows(trial, learner)),
  };
}

/**
 * Atomic: while one write of the transaction fails, nothing at all changes; once it does not fail any more, doing it
 * again does it once.
 */
async function failsWhole(
  trial: Trial,
  item: number,
  kinds: readonly Cancellation[],
  { tables, shape }: Undisturbed,
): Promise<void> {
  const { lab, operation } = trial;
  const learner = await ready(trial);
  const before = textOf(await watchedRows(trial, learner));
  let faults: Injected | undefined;
  try {
    for (const [round, kind] of kinds.entries()) {
      // The next one before the last one goes, so that nothing slips through between them.
      const next = inject(trial, learner, { kind, item }, Infinity);
      faults?.remove();
      faults = next;
      const refused = round > 0 && operation.byStream ? undefined : await refusalOf(trial, learner);
      if (refused === undefined && !operation.byStream) {
        throw new Error(`with ${kind} at ${tables[item]}, it was not refused`);
      }
      await met(faults, 2, lab.timeoutMs);
      if (textOf(await watchedRows(trial, learner)) !== before) {
        throw new Error(`with ${kind} at ${tables[item]}, something was written`);
      }
    }
  } finally {
    faults?.remove();
  }
  if (!operation.byStream) await operation.does(learner, lab);
  await hasShape(trial, learner, shape, `done again after the write to ${tables[item]} had failed`);
}

/** Status: with something wrong, or one thing after the other, it ends up done once without anybody's doing. */
async function endsOnce(trial: Trial, series: readonly Fault[], { shape }: Undisturbed): Promise<void> {
  const { lab, operation } = trial;
  const learner = await ready(trial);
  const injected = series.map((fault) => inject(trial, learner, fault, 1));
  const when = `after ${series.map(({ kind }) => kind).join(', ')}`;
  try {
    await operation.does(learner, lab);
    await lab.quiet();
    if (injected.some(({ count }) => count === 0)) throw new Error(`${when}: not all of it met a write`);
  } finally {
    for (const faults of injected) faults.remove();
  }
  // What was given up on, to be sent again, arrives soon after.
  for (const fault of series) if (fault.kind === 'delay') await pause(fault.milliseconds / 2);
  await hasShape(trial, learner, shape, when);
}

/**
 * Status: it is committed, but its function never hears of it and cannot look either, so that it gives up. Everything
 * is there all the same, and doing it again changes nothing.
 */
async function outlivesItsFunction(
  trial: Trial,
  kind: (typeof COMMITTED)[number],
  { shape }: Undisturbed,
): Promise<void> {
  const { lab, stack, operation } = trial;
  const learner = await ready(trial);
  const committed = inject(trial, learner, { kind }, 1);
  let blind: Injected | undefined;
  const stop = onWrite(stack, operation, learner, () => {
    blind ??= stack.gate.faults.inject({
      match: { function: operation.functionName, keyIncludes: learner.userId },
      fault: { kind: '500-before' },
      times: Infinity,
    });
  });
  try {
    const refused = await refusalOf(trial, learner);
    if (refused === undefined && !operation.byStream) throw new Error(`after ${kind}, it did not give up`);
    await met(committed, 1, lab.timeoutMs);
    if (blind !== undefined) await met(blind, 1, lab.timeoutMs);
    const after = await watchedRows(trial, learner);
    if (shapeOf(after) !== shape) throw new Error(`after ${kind}, it was not done whole`);
    blind?.remove();
    if (!operation.byStream) await operation.does(learner, lab);
    await lab.quiet();
    if (textOf(await watchedRows(trial, learner)) !== textOf(after)) {
      throw new Error(`after ${kind}, doing it again changed what was done`);
    }
  } finally {
    stop();
    committed.remove();
    blind?.remove();
  }
}

/** A learner with whom it can be done. */
async function ready({ lab, operation }: Trial): Promise<Learner> {
  const learner = await operation.given(lab);
  await lab.quiet();
  return learner;
}

/** All rows of a student; of what a stream does only its own, as those that lead to it are written before. */
function watchedRows({ lab, operation }: Trial, learner: Learner): Promise<StudentRows> {
  return rowsOf(lab, learner, operation.byStream && operation.tables);
}

/** Calls `listener` with each request by which the operation's function writes to a student's rows, before it is met. */
function onWrite(
  { gate }: Stack,
  { functionName }: Transaction,
  { userId }: Learner,
  listener: (request: DynamoDbRequest) => void,
): () => void {
  return gate.onRequest((caller, request) => {
    if (caller !== functionName || request.units !== 'write') return;
    if (JSON.stringify(request.accesses).includes(userId)) listener(request);
  });
}

function inject({ stack, operation }: Trial, { userId }: Learner, fault: Fault, times: number): Injected {
  const { functionName } = operation;
  return stack.gate.faults.inject({
    match: { function: functionName, operation: 'TransactWriteItems', keyIncludes: userId },
    fault,
    times,
  });
}

/** What the caller is told, or undefined where it is done. */
function refusalOf({ operation, lab }: Trial, learner: Learner): Promise<unknown> {
  return operation.does(learner, lab).then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function hasShape(trial: Trial, learner: Learner, shape: string, when: string): Promise<void> {
  await trial.lab.quiet();
  const found = shapeOf(await watchedRows(trial, learner));
  if (found !== shape) throw new Error(`${when}, it was not done once: ${found} instead of ${shape}`);
}

/** Waits until a fault was met so often. */
async function met(faults: Injected, times: number, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (faults.count < times) {
    if (performance.now() > end) throw new Error(`the fault was met ${faults.count} times`);
    await pause(20);
  }
}

/** The one way in which the write at a position fails, where one has to do. */
function cancellationAt(item: number): Cancellation {
  return CANCELLATIONS[item % CANCELLATIONS.length] ?? 'conflict';
}

function all<T>(values: readonly T[], check: (value: T, index: number) => Promise<void>): Promise<unknown> {
  return Promise.all(values.map(check));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
