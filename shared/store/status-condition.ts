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
  const pin = asRead(read, keyAttribute);
  if (read === undefined || read.status === next.status) return pin;
  const before = spellingsBefore(table, next.status).map(
    (spelling, index) => [`:from${index}`, spelling] as const,
  );
  return {
    expression: `${pin.expression} AND #status IN (${before.map(([name]) => name).join(', ')})`,
    names: { ...pin.names, '#status': 'status' },
    values: { ...pin.values, ...Object.fromEntries(before) },
  };
}
