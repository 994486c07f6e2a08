import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import { tables } from '../../infra/table-specs.ts';
import { QbankRecordRow } from '../../shared/contracts/qbank-rows.ts';
import * as rows from '../../shared/contracts/rows.ts';
import type { Key, Table } from '../../shared/store/keys.ts';
import type { School } from '../school.ts';
import { type Chance, chanceOf } from './chance.ts';
import {
  CERTIFICATE_HARMS,
  ENROLLMENT_HARMS,
  type Harm,
  LEDGER_HARMS,
  metricsOf,
  NOTIFICATION_HARMS,
  PROGRESS_HARMS,
  RECORD_HARMS,
  SHARD_HARMS,
} from './damages.ts';
import { invented } from './invented.ts';
import type { LostRecords } from './lost-records.ts';
import { lostFacts } from './lost-facts.ts';
import { allRows, type Written, writeRows } from './tables.ts';

/** A derived row that was damaged, and how: `removed`, `invented`, or what was changed of it. */
export interface Damage {
  readonly table: Table;
  readonly key: Key;
  readonly harm: string;
}

/** A table of derived rows, and what can happen to them. */
interface Target<Row> {
  readonly table: Table;
  readonly schema: z.ZodType<Row>;
  readonly harms: readonly Harm<Row>[];
  /** Which of its rows are derived. */
  readonly derived?: (row: Row) => boolean;
  readonly removable: boolean;
}

/** The notifications that streams conclude; requests write the others. */
const CONCLUDED: readonly string[] = ['certificate_issued', 'progress_lowered'];

/** Of a hundred rows of a table that are damaged, so many are removed, and so many are invented ones. */
const REMOVED = 25;
const INVENTED = 15;

/**
 * Damages so many rows at random in every table of derived rows, and writes as many source rows whose records are lost.
 * The rows are written straight into their tables, so that no request and no transaction keeps them in step.
 *
 * What the streams make of it: a ledger row and a shard wake nobody who mends them. A changed enrollment or record of the
 * question bank has the version that the ledger knows, so it is passed over; a removed or invented record is news, and
 * the damage spreads into the ledger. A changed progress calls for what it called for before, and removed rows for nothing.
 */
export async function damageSchool(
  school: School,
  lost: LostRecords,
  given: { readonly seed: number; readonly rows: number },
): Promise<Damage[]> {
  const { documents } = school;
  const damages: Damage[] = [];
  const written: Written[] = [];
  const damage = async <Row>(target: Target<Row>) => {
    const done = await damageTable(documents, target, given);
    damages.push(...done.damages);
    written.push(...done.written);
  };
  await damage({
    table: 'studentProgress',
    schema: rows.StudentProgressRow,
    harms: PROGRESS_HARMS,
    removable: true,
  });
  await damage({
    table: 'enrollments',
    schema: rows.EnrollmentRow,
    harms: ENROLLMENT_HARMS,
    removable: false,
  });
  await damage({ table: 'ledger', schema: rows.LedgerRow, harms: LEDGER_HARMS, removable: true });
  for (const table of ['analytics', 'qbankQuestionStatistics'] as const) {
    const derived = (row: rows.AnalyticsRow) => Object.keys(metricsOf(row)).length > 0;
    await damage({ table, schema: rows.AnalyticsRow, harms: SHARD_HARMS, derived, removable: true });
  }
  await damage({ table: 'qbankRecords', schema: QbankRecordRow, harms: RECORD_HARMS, removable: true });
  await damage({
    table: 'certificates',
    schema: rows.CertificateRow,
    harms: CERTIFICATE_HARMS,
    removable: true,
  });
  await damage({
    table: 'notifications',
    schema: rows.NotificationRow,
    harms: NOTIFICATION_HARMS,
    derived: ({ kind }) => CONCLUDED.includes(kind),
    removable: true,
  });
  const facts = await lostFacts(documents, given);
  for (const { table, item } of facts.lost) lost.lose(table, item);
  await writeRows(documents, [...written, ...facts.lost]);
  return damages;
}

async function damageTable<Row>(
  documents: DynamoDBDocumentClient,
  { table, schema, harms, derived = () => true, removable }: Target<Row>,
  { seed, rows: count }: { readonly seed: number; readonly rows: number },
): Promise<{ readonly damages: Damage[]; readonly written: Written[] }> {
  const chance = chanceOf(seed, table);
  const all = (await allRows(documents, table, schema)).filter(derived);
  const made = invented(table, Math.ceil((count * INVENTED) / 100), chance);
  const damages: Damage[] = made.map((item) => ({ table, key: keyOf(table, item), harm: 'invented' }));
  const written: Written[] = made.map((item) => ({ table, item }));
  for (const row of chance.some(all, count - made.length)) {
    const item = itemOf(row);
    const key = keyOf(table, item);
    const changed = removable && chance.hits(REMOVED) ? undefined : changedBy(row, harms, chance);
    if (changed === undefined && !removable) continue;
    damages.push({ table, key, harm: changed?.harm ?? 'removed' });
    written.push(changed === undefined ? { table, remove: key } : { table, item: itemOf(changed.row) });
  }
  return { damages, written };
}

/** One of the harms that the row can come to. */
function changedBy<Row>(row: Row, harms: readonly Harm<Row>[], chance: Chance) {
  for (const [harm, change] of chance.some(harms, harms.length)) {
    const next = change(row, chance);
    if (next !== undefined) return { harm, row: next };
  }
  return undefined;
}

function itemOf(row: unknown): Record<string, unknown> {
  return typeof row === 'object' ? { ...row } : {};
}

function keyOf(table: Table, item: Readonly<Record<string, unknown>>): Key {
  const { partition, sort }: { readonly partition: string; readonly sort?: string } = tables[table].key;
  const names = sort === undefined ? [partition] : [partition, sort];
  return Object.fromEntries(names.map((name) => [name, String(item[name])]));
}
