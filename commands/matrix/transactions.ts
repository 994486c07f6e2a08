import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDbRequest } from '../../infra/local/dynamodb/dynamodb-request.ts';
import type { Fault } from '../../infra/local/dynamodb/faults.ts';
import type { Stack } from '../../infra/local/stack.ts';
import * as act from './actions.ts';
import type { Lab, Learner } from './lab.ts';
import { attempt, failed, proved, type Proof } from './proof.ts';

/** Section 10: what belongs together is written together, whatever goes wrong on the way. */

/** An operation that has to be one transaction. */
export interface Transaction {
  /** The function that writes. */
  readonly functionName: string;
  readonly given: (lab: Lab) => Promise<Learner>;
  /** Does it. It may be refused while something goes wrong; done again, it has to complete. */
  readonly does: (learner: Learner, lab: Lab) => Promise<unknown>;
  /** The tables that it has to write together. */
  readonly tables: readonly string[];
  /** Whether it is done by a stream: then nobody is told that it failed, and it is tried again by itself. */
  readonly byStream?: true;
}

function paid(): Pick<Transaction, 'given' | 'does'> {
  const checkouts = new Map<string, string>();
  return {
    given: async (lab) => {
      const learner = await lab.learner('paid');
      checkouts.set(learner.userId, await act.openCheckout(learner));
      return learner;
    },
    does: ({ userId }, lab) => act.pay(checkouts.get(userId) ?? '', lab),
  };
}

function refunded(): Pick<Transaction, 'given' | 'does'> {
  const checkouts = new Map<string, string>();
  return {
    given: async (lab) => {
      const learner = await lab.learner('paid');
      const checkout = await act.openCheckout(learner);
      await act.pay(checkout, lab);
      checkouts.set(learner.userId, checkout);
      return learner;
    },
    does: ({ userId }, lab) => act.refund(checkouts.get(userId) ?? '', lab),
  };
}

const ENROLLS = ['studentProgress', 'enrollments', 'accessRequests'];

/** Every operation of the design's table, those of section 10 among them. */
export const TRANSACTIONS: Readonly<Record<string, Transaction>> = {
  'Request Approval': {
    functionName: 'lockstep-approve-request',
    given: act.asking,
    does: act.approve,
    tables: ENROLLS,
  },
  'Direct Enrollment': {
    functionName: 'lockstep-enroll-directly',
    given: act.askingForOpened,
    does: act.enrollDirectly,
    tables: ENROLLS,
  },
  'Admin Enrollment': {
    functionName: 'lockstep-enroll-student',
    given: act.asking,
    does: act.enrollByAdmin,
    tables: ENROLLS,
  },
  'Payment Enrollment': {
    functionName: 'lockstep-receive-payment-event',
    ...paid(),
    tables: ['payments', 'studentProgress', 'enrollments'],
  },
  Refund: {
    functionName: 'lockstep-receive-payment-event',
    ...refunded(),
    tables: ['payments', 'enrollments', 'notifications'],
  },
  Unenroll: {
    functionName: 'lockstep-unenroll-student',
    given: act.studying,
    does: act.unenrollByAdmin,
    tables: ['enrollments', 'notifications'],
  },
  'Progress Update': {
    functionName: 'lockstep-project-progress',
    given: act.studying,
    does: (learner) => act.completeChapter('read', learner),
    tables: ['studentProgress', 'enrollments'],
    byStream: true,
  },
};

/** The tables that hold what a student is, has and was told. */
const OWN_TABLES = [
  'students',
  'accessRequests',
  'payments',
  'enrollments',
  'studentProgress',
  'notifications',
];

type State = Readonly<Record<string, readonly Record<string, unknown>[]>>;

/** All rows of a student. */
async function stateOf(lab: Lab, { userId }: Learner): Promise<State> {
  const tables = await Promise.all(
    OWN_TABLES.map(async (TableName) => {
      const { Items = [] } = await lab.school.documents.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'userId = :user',
          ExpressionAttributeValues: { ':user': userId },
          ConsistentRead: true,
        }),
      );
      return [TableName, Items] as const;
    }),
  );
  return Object.fromEntries(tables);
}

/** The rows as text, their attributes in one order: the database gives them in any. */
function textOf(state: State): string {
  return JSON.stringify(state, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** What must be the same of two students who did the same: which rows they have, in which status and version. */
function shapeOf(state: State): string {
  return JSON.stringify(
    Object.entries(state).map(([table, rows]) => [
      table,
      rows.map(({ version, status, kind, progress, totalProgress }) => ({
        // The first version of a request is a time.
        version: table === 'accessRequests' ? undefined : version,
        status,
        kind,
        progress,
        totalProgress,
      })),
    ]),
  );
}

/** The write requests of a function that touch a student's rows. */
function writesOf(stack: Stack, functionName: string, { userId }: Learner) {
  const requests: DynamoDbRequest[] = [];
  const stop = stack.gate.onRequest((caller, request) => {
    if (caller !== functionName || request.units !== 'write') return;
    if (JSON.stringify(request.accesses).includes(userId)) requests.push(request);
  });
  return { requests, stop };
}

const tablesOf = (request: DynamoDbRequest) => request.accesses.flatMap(({ table }) => table ?? []);

/** An operation as it goes when nothing goes wrong. */
interface Undisturbed {
  readonly transaction: DynamoDbRequest;
  readonly shape: string;
}

/** Transaction: it makes one TransactWriteItems with all its tables, and no other write. */
async function undisturbed(lab: Lab, stack: Stack, operation: Transaction): Promise<Undisturbed> {
  const learner = await operation.given(lab);
  await lab.school.quiet();
  const writes = writesOf(stack, operation.functionName, learner);
  await operation.does(learner, lab);
  await lab.school.quiet();
  writes.stop();
  const [transaction, ...others] = writes.requests;
  if (transaction?.operation !== 'TransactWriteItems') throw new Error('it writes without a transaction');
  if (others.length > 0) throw new Error(`it writes ${writes.requests.length} times`);
  const missing = operation.tables.filter((table) => !tablesOf(transaction).includes(table));
  if (missing.length > 0) throw new Error(`its transaction leaves out ${missing.join(', ')}`);
  return { transaction, shape: shapeOf(await stateOf(lab, learner)) };
}

const PAUSE_MS = 20;

/**
 * Atomic: with one write of the transaction failing for good, nothing at all changes; once it does not fail any
 * more, doing it again does it once.
 */
async function failsWhole(
  lab: Lab,
  stack: Stack,
  operation: Transaction,
  item: number,
  expected: Undisturbed,
): Promise<void> {
  const { functionName, byStream } = operation;
  const learner = await operation.given(lab);
  await lab.school.quiet();
  const before = textOf(await stateOf(lab, learner));
  const faults = stack.gate.faults.inject({
    match: { function: functionName, operation: 'TransactWriteItems', keyIncludes: learner.userId },
    fault: { kind: item % 2 === 0 ? 'condition-failed' : 'conflict', item },
    times: Infinity,
  });
  const table = tablesOf(expected.transaction)[item] ?? '';
  try {
    const refused = await operation.does(learner, lab).then(
      () => false,
      () => true,
    );
    if (!refused && byStream === undefined) throw new Error(`with ${table} failing, it was not refused`);
    const end = performance.now() + lab.timeoutMs;
    while (faults.count < 2 && performance.now() < end) await pause();
    if (faults.count === 0) throw new Error(`the write to ${table} was never tried`);
    if (textOf(await stateOf(lab, learner)) !== before) {
      throw new Error(`with the write to ${table} failing, something was written`);
    }
  } finally {
    faults.remove();
  }
  if (byStream === undefined) await operation.does(learner, lab);
  await lab.school.quiet();
  if (shapeOf(await stateOf(lab, learner)) !== expected.shape) {
    throw new Error(`after the write to ${table} had failed, doing it again did not do it once`);
  }
}

const UNKNOWN_OUTCOMES: readonly Fault['kind'][] = ['lost-reply', '500-before', '500-after'];

/** Status: where nobody knows whether it was committed, it ends up done once. */
async function endsOnce(
  lab: Lab,
  stack: Stack,
  operation: Transaction,
  kind: (typeof UNKNOWN_OUTCOMES)[number],
  expected: Undisturbed,
): Promise<void> {
  const learner = await operation.given(lab);
  await lab.school.quiet();
  const faults = stack.gate.faults.inject({
    match: {
      function: operation.functionName,
      operation: 'TransactWriteItems',
      keyIncludes: learner.userId,
    },
    fault: { kind } as Fault,
  });
  try {
    await operation.does(learner, lab);
    await lab.school.quiet();
    if (faults.count === 0) throw new Error('the fault met no write');
  } finally {
    faults.remove();
  }
  if (shapeOf(await stateOf(lab, learner)) !== expected.shape) {
    throw new Error(`after ${kind}, it was not done once`);
  }
}

/** Proves an operation of section 10. */
export async function proveTransaction(
  lab: Lab,
  stack: Stack,
  name: string,
): Promise<Readonly<Record<string, Proof>>> {
  const operation = TRANSACTIONS[name];
  if (operation === undefined) throw new Error(`There is no operation ${name}`);
  let expected: Undisturbed;
  try {
    expected = await undisturbed(lab, stack, operation);
  } catch (error) {
    const proof = failed(error instanceof Error ? error.message : String(error));
    return { Transaction: proof, Atomic: proof, Status: proof };
  }
  const items = expected.transaction.accesses.map((_, item) => item);
  const atomic = attempt(async () => {
    await Promise.all(items.map((item) => failsWhole(lab, stack, operation, item, expected)));
    return proved(`each of its ${items.length} writes failed in turn, and nothing was written`);
  });
  const status = attempt(async () => {
    await Promise.all(UNKNOWN_OUTCOMES.map((kind) => endsOnce(lab, stack, operation, kind, expected)));
    return proved('done once after a lost reply and errors before and after the commit');
  });
  return {
    Transaction: proved(`one transaction of ${items.length} writes`),
    Atomic: await atomic,
    Status: await status,
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
}
