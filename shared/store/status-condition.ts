import { spellingsBefore, type Statuses, type StatusTable } from '../domain/status.ts';
import { asRead, type Condition } from './transact.ts';

/**
 * The row must be as it was read, and where its status changes it must be in one that may become the new one by the
 * table of transitions.
 */
export function asReadToBecome<T extends StatusTable>(
  table: T,
  read: { readonly version: number; readonly status: Statuses[T] } | undefined,
  next: { readonly status: Statuses[T] },
  keyAttribute: string,
): Condition {
  const { expression, names, values } = asRead(read, keyAttribute);
  if (read === undefined || read.status === next.status) return asRead(read, keyAttribute);
  const before = spellingsBefore(table, next.status).map(
    (spelling, index) => [`:from${index}`, spelling] as const,
  );
  return {
    expression: `${expression} AND #status IN (${before.map(([name]) => name).join(', ')})`,
    names: { ...names, '#status': 'status' },
    values: { ...values, ...Object.fromEntries(before) },
  };
}
