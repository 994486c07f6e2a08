import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outline } from '../../shared/domain/course.ts';
import { emptyFacts, factsOf } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import type { CourseId, UserId } from '../../shared/domain/ids.ts';
import { chapterCompletionKey, videoKey } from '../../shared/store/keys.ts';
import {
  completion,
  enrollment,
  id,
  outline as outlineOf,
  reading,
  video,
  watched,
} from '../domain/builders.ts';
import { COURSE, type CourseRunner, courseRunner } from '../functions/course-runner.ts';
import { putRows, stamp } from '../functions/http-rows.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { itIsMetered } from '../support/engines.ts';
import { deliver, streamRecords } from '../support/streams.ts';

let engine: Database;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());

const courseId = id<CourseId>(COURSE);
const FILM = { before: 100, after: 80 };
const outline = (film: number, more: number): Outline =>
  outlineOf({
    read: [reading('text')],
    watch: [video('film', film)],
    ...Object.fromEntries(
      Array.from({ length: more }, (_, index) => [`more${index}`, [reading(`r${index}`)]]),
    ),
  });

/** A course of so many learners, a third of whom did nothing, a third read, and a third watched half of the film. */
async function courseOf(learners: number): Promise<{ course: CourseRunner; db: Database }> {
  const db = await engine.fresh();
  const course = courseRunner(db);
  const before = outline(FILM.before, 0);
  await course.publish(draftOf(before));
  const rows = Array.from({ length: learners }, (_, index) => {
    const userId = id<UserId>(`student${String(index).padStart(6, '0')}`);
    const own = { userId, courseId };
    const chapters = index % 3 === 1 ? [completion('read', own)] : [];
    const videos = index % 3 === 2 ? [watched('film', [[20, 70]], own)] : [];
    const projected = project({
      enrollment: enrollment(own),
      progress: undefined,
      outline: before,
      outlineVersion: 1,
      facts: chapters.length + videos.length === 0 ? emptyFacts() : factsOf({ chapters, videos }, before),
      now: stamp.updatedAt,
      cause: stamp,
    });
    return { own, chapters, videos, projected };
  });
  const inLanes = async (table: Parameters<typeof putRows>[1], all: Record<string, unknown>[]) => {
    const lanes = Array.from({ length: 8 }, (_, lane) => all.filter((_row, index) => index % 8 === lane));
    await Promise.all(lanes.map((lane) => putRows(db, table, lane)));
  };
  await inLanes(
    'enrollments',
    rows.map(({ own, projected }) => ({ ...(projected.enrollment ?? enrollment(own)) })),
  );
  await inLanes(
    'studentProgress',
    rows.map(({ projected }) => ({ ...projected.progress })),
  );
  await inLanes(
    'chapterCompletions',
    rows.flatMap(({ chapters }) =>
      chapters.map((row) => ({ ...row, ...chapterCompletionKey(row.userId, courseId, row.chapterId) })),
    ),
  );
  const memory = { positionSeconds: 70, lastBeatAt: stamp.updatedAt, playheads: {} };
  await inLanes(
    'videoProgress',
    rows.flatMap(({ videos }) =>
      videos.map((row) => ({ ...row, ...memory, ...videoKey(row.userId, courseId, row.videoId) })),
    ),
  );
  return { course, db };
}

function draftOf({ chapters }: Outline) {
  return { title: 'A course', access: 'open' as const, outline: { chapters: chapters as never } };
}

/** Units of the publishing and of both passes of the job, for each learner. */
async function unitsOfALearner(learners: number): Promise<{ all: number; preview: number }> {
  const { course, db } = await courseOf(learners);
  const { jobs, school } = course;
  await course.put(draftOf(outline(FILM.after, 1)));

  db.faults.clear();
  const asked = async () =>
    (await school.admin.call('preview-course', { params: { courseId: COURSE } })).body;
  expect(await asked()).toMatchObject({ status: 'running', learners: 0 });
  await jobs.flow();
  const preview = (db.faults.readUnits() + db.faults.writeUnits()) / learners;
  const told = await asked();

  db.faults.clear();
  await school.admin.call('set-course-status', {
    params: { courseId: COURSE },
    body: { status: 'published' },
  });
  await jobs.flow();
  const firstPass = db.faults.readUnits() + db.faults.writeUnits();
  course.pass(120);
  await jobs.wake();
  const written = db.faults.writeUnits();
  const steps = await jobs.flow();
  const all = (db.faults.readUnits() + db.faults.writeUnits()) / learners;
  // A step of the second pass writes its segment, and nothing of anybody.
  expect((db.faults.writeUnits() - written) / steps).toBeLessThan(10);

  const job = await jobs.job('recalculate-course~c~2');
  expect(job).toMatchObject({ status: 'done', done: 2 * learners, aside: 0 });
  const { rises = 0, falls = 0, changed } = job.counts;
  expect(changed).toBe(learners);
  // Publishing did what the preview had told.
  expect(told).toMatchObject({ status: 'done', learners, rises, falls, completes: 0, uncompletes: 0 });
  expect(await course.mismatches()).toEqual([]);
  console.log(
    `Of a course of ${learners}: ${all.toFixed(2)} units for each learner ` +
      `(${(firstPass / learners).toFixed(2)} of them for the first pass), ${preview.toFixed(2)} for a preview`,
  );
  return { all, preview };
}

itIsMetered(
  'recalculating a course costs the same for each learner of 1,000 and of 25,000, within 5 percent',
  async () => {
    const few = await unitsOfALearner(1000);
    const many = await unitsOfALearner(25_000);
    expect(Math.abs(many.all / few.all - 1)).toBeLessThan(0.05);
    expect(Math.abs(many.preview / few.preview - 1)).toBeLessThan(0.05);
  },
  600_000,
);

it('a course of 25,000 who study meanwhile is recalculated rightly, though it is cut off ten times', async () => {
  const { course, db } = await courseOf(25_000);
  const { jobs, school } = course;
  await course.publish(draftOf(outline(FILM.after, 1)));
  let killed = 0;
  let studied = 0;
  for (let records = await jobs.untold(); records.length > 0;) {
    let done = 0;
    db.faults.plan(({ name }) => {
      if (killed < 10 && done >= 150) return { kind: 'denied' };
      if (/Write|Put/.test(name)) done += 1;
      return undefined;
    });
    const { batchItemFailures } = await jobs.run({ Records: streamRecords(records) });
    db.faults.clear();
    if (batchItemFailures.length > 0) killed += 1;

    // Some whom the job has passed, and some whom it has not.
    const facts = Array.from({ length: 100 }, (_, index) => {
      const userId = id<UserId>(`student${String((studied + index) * 4).padStart(6, '0')}`);
      const chapterId = index % 2 === 0 ? 'more0' : 'watch';
      const row = completion(chapterId, { userId, courseId, completedAt: school.now.toISOString() });
      return { ...row, ...chapterCompletionKey(userId, courseId, row.chapterId) };
    });
    studied += facts.length;
    await putRows(db, 'chapterCompletions', facts);
    await deliver(
      course.project,
      streamRecords(facts.map((after) => ({ table: db.tables.chapterCompletions, after }))),
    );
    const more = await jobs.untold();
    // The stream delivers again what was in flight.
    records = batchItemFailures.length > 0 ? [...records, ...more] : more;
  }
  expect(killed).toBe(10);
  course.pass(120);
  await jobs.wake();
  await jobs.flow();
  expect(await course.mismatches()).toEqual([]);
  expect(await jobs.job('recalculate-course~c~2')).toMatchObject({ status: 'done', done: 50_000, aside: 0 });
}, 600_000);
