import * as z from 'zod';
import { ConsumedCapacity } from './meter.ts';

const JsonObject = z.record(z.string(), z.unknown());

/** The same request, asking for consumed capacity with its indexes. */
export function askForCapacity(body: string, asked: string | undefined): string {
  if (asked === 'INDEXES') return body;
  if (asked === undefined) {
    // Spliced in: building the whole body anew costs more than all else the gate does with it.
    const rest = body.slice(body.indexOf('{') + 1);
    return `{"ReturnConsumedCapacity":"INDEXES"${/^\s*\}/.test(rest) ? '' : ','}${rest}`;
  }
  return JSON.stringify({ ...JsonObject.parse(JSON.parse(body)), ReturnConsumedCapacity: 'INDEXES' });
}

/** A reply with the consumed capacity that was asked for, and all that was consumed. */
export function takeCapacity(
  reply: Buffer,
  asked: string | undefined,
): { readonly reply: Buffer | string; readonly consumed: ConsumedCapacity } {
  const { ConsumedCapacity: raw, ...rest } = JsonObject.parse(JSON.parse(reply.toString()));
  if (raw === undefined) return { reply, consumed: [] };
  const consumed = ConsumedCapacity.parse(raw);
  if (asked === 'INDEXES') return { reply, consumed };
  if (asked !== 'TOTAL') return { reply: JSON.stringify(rest), consumed };
  const totals = Array.isArray(raw) ? raw.map(totalOf) : totalOf(raw);
  return { reply: JSON.stringify({ ...rest, ConsumedCapacity: totals }), consumed };
}

const PER_INDEX = ['Table', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes'];

function totalOf(capacity: unknown): Record<string, unknown> {
  const entries = Object.entries(JsonObject.parse(capacity));
  return Object.fromEntries(entries.filter(([name]) => !PER_INDEX.includes(name)));
}
