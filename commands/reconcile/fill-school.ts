import type { School } from '../school.ts';
import { chanceOf } from './chance.ts';
import { putCourses } from './courses.ts';
import { learnerRows } from './learner-rows.ts';
import { type Written, writeRows } from './tables.ts';

/** Learners whose rows are made and written together. */
const TOGETHER = 500;

const DAY_MS = 86_400_000;

/**
 * Fills an empty school with courses and with people who have studied in some of them for a month: the same for the same
 * seed, but for the days. Sources are written straight into their tables, and the streams derive the rest.
 *
 * @param given.onLearners is told how many more learners are written
 */
export async function fillSchool(
  school: School,
  given: {
    readonly seed: number;
    readonly learners: number;
    /** Of four. */
    readonly coursesEach: number;
    readonly onLearners?: (learners: number) => void;
  },
): Promise<void> {
  const { seed, learners, coursesEach, onLearners } = given;
  const courses = await putCourses(school, Math.min(150, Math.max(20, Math.ceil(learners / 5))));
  const since = new Date(Date.now() - 40 * DAY_MS);
  for (let start = 0; start < learners; start += TOGETHER) {
    const count = Math.min(TOGETHER, learners - start);
    const rows = Array.from({ length: count }, (_, index) => {
      const name = `learner-${String(start + index).padStart(5, '0')}`;
      return learnerRows({ name, courses, coursesEach, chance: chanceOf(seed, name), since });
    }).flat();
    // A fact of somebody who is not enrolled yet would be set aside.
    await writeRows(school.documents, rows.filter(isBase));
    await writeRows(
      school.documents,
      rows.filter((row) => !isBase(row)),
    );
    onLearners?.(count);
  }
  await school.quiet();
}

function isBase({ table }: Written): boolean {
  return table === 'students' || table === 'enrollments' || table === 'studentProgress';
}
