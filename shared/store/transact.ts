import {
  DeleteCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { DomainError } from '../domain/errors.ts';
import type { Documents } from './documents.ts';
import type { Key } from './keys.ts';
import { attemptsOf, reasonsOf, unsettledBy } from './unsettled.ts';

/** A DynamoDB condition: an expression with its placeholders. */
export interface Condition {
  readonly expression: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** The row must not exist. `keyAttribute` is any attribute of its key. */
export function absent(keyAttribute: string): Condition {
  return { expression: 'attribute_not_exists(#absent)', names: { '#absent': keyAttribute } };
}

/** The row must be there at this version. */
export function atVersion(version: number): Condition {
  return {
    expression: '#version = :read',
    names: { '#version': 'version' },
    values: { ':read': version },
  };
}

/** The row must be as it was read: at its version, or absent. */
export function asRead(row: { readonly version: number } | undefined, keyAttribute: string): Condition {
  return row === undefined ? absent(keyAttribute) : atVersion(row.version);
}

interface Guarded {
  readonly table: string;
  readonly when: Condition;
  /**
   * What the command is refused with when this condition fails, and no condition without a refusal does;
   * otherwise the round is decided again.
   */
  readonly refusedBy?: DomainError;
}

/** Writes the whole row. */
export interface Put extends Guarded {
  readonly kind: 'put';
  readonly item: Readonly<Record<string, unknown>>;
}

export interface Delete extends Guarded {
  readonly kind: 'delete';
  readonly key: Key;
}

/** Writes nothing: the condition only has to hold. */
export interface Check extends Guarded {
  readonly kind: 'check';
  readonly key: Key;
}

/**
 * Adds to numbers of a row, made where it is missing, and sets attributes. A lost reply would count it twice, so it is
 * refused outside a transaction with writes that their conditions let come but once, unless it does that itself.
 */
export interface Add {
  readonly kind: 'add';
  readonly table: string;
  readonly key: Key;
  readonly add: Readonly<Record<string, number | bigint>>;
  readonly set: Readonly<Record<string, unknown>>;
  readonly when?: Condition;
  /** Its condition fails once it has been done. */
  readonly once?: true;
}

export type Write = Put | Delete | Check | Add;

/** The most writes of one transaction. */
export const LARGEST_TRANSACTION = 100;

/**
 * Writes all or nothing, in one TransactWriteItems even where it is one write.
 *
 * @throws DomainError the `refusedBy` of the first write whose condition failed, Unsettled for whatever `settle`
 * runs again.
 */
export async function transact(documents: Documents, writes: readonly Write[]): Promise<void> {
  if (!writes.some((write) => write.kind !== 'add' || write.once)) {
    if (writes.length === 0) return;
    throw new Error('A transaction of additions alone would count twice after a lost reply');
  }
  try {
    await documents.send(new TransactWriteCommand({ TransactItems: writes.map(transactItem) }));
  } catch (error) {
    throw refusalBy(error, writes) ?? unsettledBy(error) ?? error;
  }
}

/**
 * Writes all or nothing: one write by a plain conditional request, which costs half, several by a transaction.
 *
 * @throws as `transact`
 */
export async function commit(documents: Documents, writes: readonly Write[]): Promise<void> {
  const [only, ...others] = writes;
  if (only === undefined) return;
  if (others.length > 0 || only.kind === 'check' || only.kind === 'add') return transact(documents, writes);
  try {
    if (only.kind === 'put') await documents.send(new PutCommand(putInput(only)));
    else await documents.send(new DeleteCommand(keyedInput(only)));
  } catch (error) {
    throw refusalBy(error, writes) ?? unsettledBy(error) ?? error;
  }
}

/** Reason i of a cancellation belongs to write i. */
function refusalBy(error: unknown, writes: readonly Write[]): DomainError | undefined {
  // The SDK may have sent it before, and the condition may have failed on our own effect: decide again.
  if (!(error instanceof Error) || attemptsOf(error) > 1) return undefined;
  const single = error.name === 'ConditionalCheckFailedException' ? ['ConditionalCheckFailed'] : [];
  const codes = error.name === 'TransactionCanceledException' ? reasonsOf(error) : single;
  const failed = writes.filter((_, index) => codes[index] === 'ConditionalCheckFailed');
  // A pin that failed says that the decision, a refusal included, was made on what is no longer there.
  const refusals = failed.flatMap((write) => (write.kind === 'add' ? [] : (write.refusedBy ?? [])));
  return refusals.length === failed.length ? refusals[0] : undefined;
}

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

function transactItem(write: Write): TransactItem {
  if (write.kind === 'put') return { Put: putInput(write) };
  if (write.kind === 'delete') return { Delete: keyedInput(write) };
  if (write.kind === 'check') return { ConditionCheck: keyedInput(write) };
  return { Update: addInput(write) };
}

function conditionInput({ expression, names, values }: Condition) {
  return {
    ConditionExpression: expression,
    ...(names !== undefined && { ExpressionAttributeNames: { ...names } }),
    ...(values !== undefined && { ExpressionAttributeValues: { ...values } }),
  };
}

function putInput(write: Put) {
  return { TableName: write.table, Item: { ...write.item }, ...conditionInput(write.when) };
}

function keyedInput(write: Delete | Check) {
  return { TableName: write.table, Key: { ...write.key }, ...conditionInput(write.when) };
}

function addInput({ table, key, add, set, when }: Add) {
  const names: Record<string, string> = { ...when?.names };
  const values: Record<string, unknown> = { ...when?.values };
  const clauses = (attributes: Readonly<Record<string, unknown>>, mark: string, join: string) =>
    Object.entries(attributes).map(([name, value], index) => {
      names[`#${mark}${index}`] = name;
      values[`:${mark}${index}`] = value;
      return `#${mark}${index}${join}:${mark}${index}`;
    });
  const added = clauses(add, 'a', ' ');
  const changed = clauses(set, 's', ' = ');
  const expression = [
    ...(added.length > 0 ? [`ADD ${added.join(', ')}`] : []),
    ...(changed.length > 0 ? [`SET ${changed.join(', ')}`] : []),
  ];
  return {
    TableName: table,
    Key: { ...key },
    UpdateExpression: expression.join(' '),
    ...(when !== undefined && { ConditionExpression: when.expression }),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
