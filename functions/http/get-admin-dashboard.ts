import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { AdminDashboard } from '../../shared/contracts/views.ts';
import { totalsOf } from '../../shared/domain/totals.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { sumShards } from '../../shared/store/aggregates.ts';
import { coursePosition, listCourses } from '../../shared/store/course-pages.ts';
import { cursorAfter } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { analyticsRows, courseRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['courses', 'analytics'] as const;
export const environment = z.object({
  ...tableVariables(usedTables),
  ANALYTICS_SHARDS: z.coerce.number().int().min(1).max(50),
});

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  /** Into how many rows each aggregate is split. */
  readonly shards: number;
}

/** Keys that two BatchGets read. */
const KEYS_READ = 200;

/**
 * The totals of the school, and its courses in whatever state.
 *
 * Requests a page: Scan courses/byStatus, one or two BatchGets of courses and of the shards of their totals and
 * the school's. With four shards a page has at most 39 courses.
 */
export function getAdminDashboard({ documents, tables, shards }: Dependencies) {
  const largestPage = Math.max(1, Math.floor((KEYS_READ - shards) / (shards + 1)));
  return ({ query }: Call<(typeof operations)['get-admin-dashboard']>): Promise<AdminDashboard> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const limit = Math.min(query.limit, largestPage);
      const page = await listCourses(documents, tables, { limit, cursor: query.cursor });
      const { courses, courseShards, schoolShards } = await readLists(documents, {
        courses: page.rows.map((row) => courseRow(tables, row.courseId)),
        courseShards: page.rows.flatMap((row) =>
          analyticsRows(tables, `course#${row.courseId}|total`, shards),
        ),
        schoolShards: analyticsRows(tables, 'school|total', shards),
      });
      return {
        totals: totalsOf(sumShards(schoolShards)),
        courses: courses.flatMap((course, index) => {
          if (course === undefined) return [];
          const { courseId, title, status, access } = course;
          const own = courseShards.slice(index * shards, (index + 1) * shards);
          const { learners, completions, meanProgress, pendingRequests } = totalsOf(sumShards(own));
          return [{ courseId, title, status, access, learners, completions, meanProgress, pendingRequests }];
        }),
        ...cursorAfter(page, coursePosition),
      };
    });
}
