import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { AnalyticsRow } from '../../shared/contracts/rows.ts';
import type { AdminAnalytics } from '../../shared/contracts/views.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { SCORES_PART } from '../../shared/domain/qbank-contribution.ts';
import { scoreFiguresOf } from '../../shared/domain/qbank-statistics.ts';
import { quizFiguresOf, totalsOf } from '../../shared/domain/totals.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { sumShards } from '../../shared/store/aggregates.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { queryAllRows } from '../../shared/store/pages.ts';
import { readRows } from '../../shared/store/reads.ts';
import { courseRow } from '../../shared/store/rows.ts';
import { existing } from '../../shared/store/study.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['courses', 'analytics'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 366;
/** Outside of these, a day is not written with ten characters. */
const FIRST_DAY = Date.parse('0000-01-01');
const LAST_DAY = Date.parse('9999-12-31');
/** Sorts after every id, digit and `#`. */
const END = '~';

/**
 * The figures of the school, or of a course with its quizzes and the scores of its question bank, and the learners that were active on each of the
 * days asked for (at most 366).
 *
 * Requests: Query analytics for the days, Query analytics for totals, quizzes and scores, and for a course BatchGet of it.
 */
export function getAdminAnalytics({ documents, tables }: Dependencies) {
  return ({ query, now }: Call<(typeof operations)['get-admin-analytics']>): Promise<AdminAnalytics> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const { courseId } = query;
      const days = daysOf(query, now);
      const scope = courseId === undefined ? 'school' : `course#${courseId}`;
      const between = (from: string, to: string) =>
        queryAllRows(documents, {
          table: tables.analytics,
          schema: AnalyticsRow,
          partition: ['scope', scope],
          sort: { attribute: 'part', from, to },
        });
      const [dayRows, otherRows, [course]] = await Promise.all([
        between(`day#${days[0]}#`, `day#${days.at(-1)}#${END}`),
        between(SCORES_PART, `total#${END}`),
        readRows(documents, courseId === undefined ? [] : [courseRow(tables, courseId)]),
      ]);
      if (courseId !== undefined) existing(courseId, course);
      const shards = byPart([...dayRows, ...otherRows]);
      return {
        scope: courseId === undefined ? { of: 'school' } : { of: 'course', courseId },
        totals: totalsOf(sumShards(shards.get('total') ?? [])),
        activeLearners: days.map((day) => ({
          day,
          learners: sumShards(shards.get(`day#${day}`) ?? []).activeLearners ?? 0,
        })),
        quizzes: [...shards].flatMap(([part, rows]) =>
          part.startsWith('quiz#')
            ? [{ quizId: part.slice('quiz#'.length), ...quizFiguresOf(sumShards(rows)) }]
            : [],
        ),
        ...(courseId !== undefined && {
          qbankScores: scoreFiguresOf(sumShards(shards.get(SCORES_PART) ?? [])),
        }),
      };
    });
}

/** `quiz#q1#3` is shard 3 of `quiz#q1`. */
function byPart(rows: readonly AnalyticsRow[]): Map<string, AnalyticsRow[]> {
  const parts = new Map<string, AnalyticsRow[]>();
  for (const row of rows) {
    const part = row.part.slice(0, row.part.lastIndexOf('#'));
    parts.set(part, [...(parts.get(part) ?? []), row]);
  }
  return parts;
}

/**
 * The days asked for, oldest first: 30 of them where only one end is given or none.
 *
 * @throws DomainError invalid_request
 */
function daysOf({ from, to }: { from?: string | undefined; to?: string | undefined }, now: Date): string[] {
  const span = (DEFAULT_DAYS - 1) * DAY_MS;
  const today = now.toISOString().slice(0, 10);
  const last = Date.parse(to ?? (from === undefined ? today : dayOf(Date.parse(from) + span)));
  const first = from === undefined ? last - span : Date.parse(from);
  if (last < first) {
    throw new DomainError('invalid_request', 'The request is not valid', {
      'query.to': 'must not be before from',
    });
  }
  if (first < FIRST_DAY || last > LAST_DAY) {
    throw new DomainError('invalid_request', 'The request is not valid', {
      [from === undefined ? 'query.to' : 'query.from']: 'must be of years with four digits',
    });
  }
  const count = (last - first) / DAY_MS + 1;
  if (count > MOST_DAYS) {
    throw new DomainError('invalid_request', 'The request is not valid', {
      'query.from': `must be at most ${MOST_DAYS} days before to`,
    });
  }
  return Array.from({ length: count }, (_, index) => dayOf(first + index * DAY_MS));
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
