import * as z from 'zod';
import { CutRow } from '../contracts/rows.ts';
import { type Cut, cutAfter, cutNumber, NO_CUT } from '../domain/cut.ts';
import { nextStamp, type Cause } from '../domain/stamp.ts';
import type { Documents } from './documents.ts';
import { CUT_KEY, jobCutKey, type Named } from './keys.ts';
import { readRows } from './reads.ts';
import { absent, asRead, type Condition, type Put, transact } from './transact.ts';

type Tables = Named<'ledger' | 'tallies'>;

export function cutRow(tables: Named<'ledger'>) {
  return { table: tables.ledger, key: CUT_KEY, schema: CutRow } as const;
}

export function cutIn(row: CutRow | undefined): Cut {
  return row === undefined ? NO_CUT : { number: cutNumber(row.cut), open: row.open };
}

/** The row was not written under a newer cut. */
export function notAfter(number: string): Condition {
  return {
    expression: 'attribute_not_exists(#cut) OR #cut <= :cut',
    names: { '#cut': 'cut' },
    values: { ':cut': number },
  };
}

/** The row was written under this cut, or is new. */
export function atCut(number: string): Condition {
  return {
    expression: 'attribute_not_exists(#scope) OR #cut = :cut',
    names: { '#scope': 'scope', '#cut': 'cut' },
    values: { ':cut': number },
  };
}

const JobCut = z.looseObject({ cut: z.string() });

function jobCutRow(tables: Named<'tallies'>, jobId: string) {
  return { table: tables.tallies, key: jobCutKey(jobId), schema: JobCut } as const;
}

/** Who takes a cut, and when. */
interface Taken {
  readonly jobId: string;
  readonly now: string;
  readonly cause: Cause;
  /** Second at which the rows of the job may go. */
  readonly expiresAt: number;
}

/** Takes a cut for a job, once. @returns whether this call did. To be settled. */
export async function takeCut(
  documents: Documents,
  tables: Tables,
  { jobId, now, cause, expiresAt }: Taken,
): Promise<boolean> {
  const [standing, own] = await readRows(documents, [cutRow(tables), jobCutRow(tables, jobId)]);
  if (own !== undefined) return false;
  const cut = cutAfter(cutIn(standing));
  await transact(documents, [
    cutPut(tables, standing, { cut, open: true, jobId, ...nextStamp(standing, now, cause) }),
    {
      kind: 'put',
      table: tables.tallies,
      item: { ...jobCutKey(jobId), cut, expiresAt },
      when: absent('tally'),
    },
  ]);
  return true;
}

/** The number of the cut that a job took; undefined where there is a newer one, or none. */
export async function cutOfJob(
  documents: Documents,
  tables: Tables,
  jobId: string,
): Promise<string | undefined> {
  const [standing, own] = await readRows(documents, [cutRow(tables), jobCutRow(tables, jobId)]);
  return own !== undefined && cutNumber(standing?.cut) === own.cut ? own.cut : undefined;
}

/** Says that nobody asks any more for what was at the cut of a job. To be settled. */
export async function closeCut(
  documents: Documents,
  tables: Tables,
  { jobId, now, cause }: Pick<Taken, 'jobId' | 'now' | 'cause'>,
): Promise<void> {
  const [standing, own] = await readRows(documents, [cutRow(tables), jobCutRow(tables, jobId)]);
  if (standing === undefined || !standing.open || own?.cut !== standing.cut) return;
  const { cut } = standing;
  // The ledger is written inside transactions only.
  await transact(documents, [
    cutPut(tables, standing, { cut, open: false, jobId, ...nextStamp(standing, now, cause) }),
  ]);
}

function cutPut(
  tables: Named<'ledger'>,
  read: CutRow | undefined,
  next: Pick<CutRow, 'cut' | 'open' | 'jobId' | 'version' | 'updatedAt' | 'causedBy' | 'causedAt'>,
): Put {
  const item = { ...CUT_KEY, sourceVersion: 0, contribution: {}, ...next };
  return { kind: 'put', table: tables.ledger, item, when: asRead(read, 'source') };
}
