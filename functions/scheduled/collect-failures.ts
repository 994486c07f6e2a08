import * as z from 'zod';
import type { Bucket } from '../../shared/runtime/bucket.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import { readGivenUp } from '../../shared/runtime/given-up.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import type { StoredObject } from '../../shared/runtime/object-listing.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { keepFailure } from '../../shared/store/failures.ts';
import type { Named } from '../../shared/store/keys.ts';

export const usedTables = ['failures'] as const;
export const environment = z.object({
  ...tableVariables(usedTables),
  FAILED_RECORDS_BUCKET: z.string().min(1),
});

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  /** Where stream mappings leave what they give up. */
  readonly bucket: Bucket;
  readonly clock: Clock;
  readonly logger: Log;
  readonly random?: () => number;
}

/** Under which Lambda leaves all that it gives up. */
const PREFIX = 'aws/lambda/';
/** Below it, what schedules were woken with: no records, and the next run does what was left. */
const RUNS = `${PREFIX}async/`;
/** Comes after the keys of all of those and before any other. */
const AFTER_RUNS = `${PREFIX}async0`;

/** Of a run; what is left is for the next one. */
const MOST_PAGES = 20;
const MOST_OBJECTS = 200;
const LANES = 4;
/** Milliseconds after which no further object is begun. */
const LONGEST_RUN = 20_000;

/** Lambda writes a batch of 6 MB at most, and its text once more in quotes. */
const LARGEST_OBJECT = 20_000_000;
/** Milliseconds in which a healthy system has taken an object out. */
const LONG = 15 * 60_000;

/**
 * Takes what stream mappings gave up out of their bucket and makes a failure of each record, which is listed,
 * inspected and redriven as what a consumer set aside itself. An object goes when all of its records are kept;
 * collected a second time, also by two runs at once, it changes nothing. One that cannot be read stays, is told of in
 * every run that comes upon it, and holds up no other.
 *
 * Requests: a listing for each thousand objects; for each object a read, a Put for each record, and a removal.
 *
 * @returns how many objects were taken out, and how many records they held
 * @throws Error at the end of the run, so that the alarm hears of it, where an object could not be taken out
 */
export function collectFailures({ documents, tables, bucket, clock, logger, random }: Dependencies) {
  const collect = async ({ key, bytes }: StoredObject, prefix: string): Promise<number | undefined> => {
    const text = bytes > LARGEST_OBJECT ? '' : await bucket.read(key);
    // Another run has had it.
    if (text === undefined) return 0;
    const found = readGivenUp(text);
    if (typeof found === 'string') {
      logger.error('failure_unreadable', { key, bytes, reason: found });
      return undefined;
    }
    const { functionName, reason, records, at } = found;
    const consumer = functionName.startsWith(prefix) ? functionName.slice(prefix.length) : functionName;
    for (const record of records) {
      await keepFailure(documents, tables, { consumer, record, reason }, at);
    }
    await bucket.remove(key);
    return records.length;
  };

  return async (
    _event: unknown,
    { functionName }: { readonly functionName: string },
  ): Promise<{ readonly objects: number; readonly records: number }> => {
    const start = clock().getTime();
    const late = () => clock().getTime() - start >= LONGEST_RUN;
    const found = await objectsIn(bucket);
    const taken = new Map<string, number>();
    const failed: unknown[] = [];
    await inParallel(some(found, MOST_OBJECTS, random), LANES, async (object) => {
      if (late()) return;
      try {
        const records = await collect(object, stageOf(functionName));
        if (records !== undefined) taken.set(object.key, records);
      } catch (error) {
        logger.error('failure_not_collected', { key: object.key }, error);
        failed.push(error);
      }
    });
    const lying = found.filter(({ key, storedAt }) => !taken.has(key) && start - storedAt.getTime() > LONG);
    if (lying.length > 0) logger.error('failures_lie_long', { objects: lying.length });
    if (failed.length > 0) {
      const [cause] = failed;
      throw new Error(`${failed.length} of ${found.length} objects could not be taken out`, { cause });
    }
    return { objects: taken.size, records: [...taken.values()].reduce((sum, each) => sum + each, 0) };
  };
}

async function objectsIn(bucket: Bucket): Promise<readonly StoredObject[]> {
  const found: StoredObject[] = [];
  let from: { readonly after?: string; readonly next?: string } | undefined = {};
  for (let page = 0; page < MOST_PAGES && from !== undefined; page += 1) {
    const { objects, next } = await bucket.list({ prefix: PREFIX, ...from });
    found.push(...objects.filter(({ key }) => !key.startsWith(RUNS)));
    const last = objects.at(-1)?.key;
    // However many runs have failed, they take up one page.
    if (next === undefined) from = undefined;
    else from = last?.startsWith(RUNS) === true ? { after: AFTER_RUNS } : { next };
  }
  return found;
}

/** So many of them, any where there are more: what stays in every run must not stand before the others. */
function some<Item>(items: readonly Item[], most: number, random = Math.random): readonly Item[] {
  if (items.length <= most) return items;
  const drawn = items.map((item) => ({ item, rank: random() }));
  return drawn
    .sort((one, other) => one.rank - other.rank)
    .slice(0, most)
    .map(({ item }) => item);
}

/** What the names of all functions of this stage begin with, by the name of this one. */
function stageOf(functionName: string): string {
  return functionName.replace(/collect-failures$/, '');
}
