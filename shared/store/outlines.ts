import type { OutlineRow } from '../contracts/rows.ts';
import type { CourseId } from '../domain/ids.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import { MalformedRow, readRows } from './reads.ts';
import { outlineRow } from './rows.ts';

/** An outline that was published, with the cause of that; without one, the empty outline of a course that never was. */
export type PublishedOutline = Pick<OutlineRow, 'chapters'> & Partial<Cause>;

/** The published outlines. One that was published never changes, so a warm function reads each version once. */
export interface Outlines {
  /**
   * The outline of each course that is or was in force as `outlineVersion`, by courseId; an empty one for version 0.
   * One request for whatever is not known yet.
   *
   * @throws MalformedRow when a course names an outline that is not there or does not fit its schema
   */
  inForce(
    courses: readonly { readonly courseId: CourseId; readonly outlineVersion: number }[],
  ): Promise<ReadonlyMap<CourseId, PublishedOutline>>;
}

/** @param most outlines kept in memory, the latest used */
export function createOutlines(documents: Documents, tables: Named<'courses'>, most = 200): Outlines {
  const known = new Map<string, OutlineRow>();
  return {
    async inForce(courses) {
      const published = courses.filter((course) => course.outlineVersion > 0);
      const missing = published.filter((course) => !known.has(nameOf(course)));
      const rows = await readRows(
        documents,
        missing.map(({ courseId, outlineVersion }) => outlineRow(tables, courseId, outlineVersion)),
      );
      const inForce = new Map<CourseId, PublishedOutline>();
      const read = new Map(missing.map((course, index) => [nameOf(course), rows[index]]));
      for (const course of courses) {
        const name = nameOf(course);
        const row = read.get(name) ?? known.get(name);
        if (course.outlineVersion === 0) inForce.set(course.courseId, { chapters: [] });
        else if (row === undefined) throw new MalformedRow(tables.courses, name, ['(missing outline)']);
        else {
          inForce.set(course.courseId, row);
          // Set anew, it is the last to be dropped.
          known.delete(name);
          known.set(name, row);
        }
      }
      for (const name of [...known.keys()].slice(0, Math.max(0, known.size - most))) known.delete(name);
      return inForce;
    },
  };
}

function nameOf(course: { readonly courseId: CourseId; readonly outlineVersion: number }): string {
  return `${course.courseId}#${course.outlineVersion}`;
}
