import type { Lab, Learner } from './lab.ts';

/** Rows of a page that is asked for in full: the fewer pages, the sooner something is found. */
export const LONGEST_PAGE = 100;

interface ListPage<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

/** A row of a list, and the cursor of the page that it is on. */
interface Found<Row> {
  readonly row: Row;
  readonly cursor: string | undefined;
}

/** Looks for a row on page after page; undefined where it is on none. */
export async function findOnPages<Row>(
  read: (cursor: string | undefined) => Promise<ListPage<Row>>,
  isSought: (row: Row) => boolean,
): Promise<Found<Row> | undefined> {
  let cursor: string | undefined;
  do {
    const { rows, next } = await read(cursor);
    const row = rows.find(isSought);
    if (row !== undefined) return { row, cursor };
    cursor = next;
  } while (cursor !== undefined);
  return undefined;
}

/** The course in the student's list. */
export function findInList({ api, courseId }: Learner) {
  return findOnPages(
    async (cursor) => {
      const { body } = await api.call('get-student-courses', { query: { limit: LONGEST_PAGE, cursor } });
      return { rows: body.courses, next: body.cursor };
    },
    (course) => course.courseId === courseId,
  );
}

/** The course on the admins' dashboard. */
export function findOnDashboard({ courseId }: Learner, { admin }: Lab) {
  return findOnPages(
    async (cursor) => {
      const { body } = await admin.call('get-admin-dashboard', { query: { limit: LONGEST_PAGE, cursor } });
      return { rows: body.courses, next: body.cursor };
    },
    (course) => course.courseId === courseId,
  );
}
