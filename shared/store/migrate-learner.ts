import {
  AccessRequestRow,
  ChapterCompletionRow,
  CourseRow,
  EnrollmentRow,
  OutlineRow,
  PaymentRow,
  QuizAttemptRow,
  StudentProgressRow,
  StudentRow,
  VideoProgressRow,
} from '../contracts/rows.ts';
import type { CourseId, ItemId, UserId } from '../domain/ids.ts';
import { type CourseInForce, migrateCourse } from '../domain/legacy-course.ts';
import {
  migrateAccessRequest,
  migrateEnrollment,
  migratePayment,
  migrateStudent,
  studentOfEnrollment,
} from '../domain/legacy-enrollment.ts';
import {
  computedOf,
  type ListedVideo,
  migrateAttempt,
  migrateProgress,
  migrateVideo,
  tickedVideo,
  tickOff,
} from '../domain/legacy-progress.ts';
import { isLegacy, type LegacyRow, type Migrating } from '../domain/legacy-row.ts';
import { allItems } from '../domain/outline.ts';
import { factsOf } from '../domain/progress.ts';
import type { ChapterFact, VideoProgressState } from '../domain/states.ts';
import type { Documents } from './documents.ts';
import {
  accessRequestKey,
  chapterCompletionKey,
  courseKey,
  enrollmentKey,
  type Key,
  type Named,
  paymentKey,
  progressKey,
  studentKey,
  videoKey,
} from './keys.ts';
import { ANY_ROW, anyRow, fittingPut, readable, unchanged } from './legacy-rows.ts';
import { createOutlines } from './outlines.ts';
import { queryRows } from './pages.ts';
import { MalformedRow, parseRow, readRows } from './reads.ts';
import { settle, type SettleOptions } from './settle.ts';
import type { MIGRATE_LEARNER_TABLES } from './migrate-stages.ts';
import { absent, asRead, atVersion, commit, type Write } from './transact.ts';

type Tables = Named<(typeof MIGRATE_LEARNER_TABLES)[number]>;

/** What a migration runs with. */
export interface MigrationSetting extends Migrating {
  readonly documents: Documents;
  /** Nothing is written: the rows are made, held to their schemas, and forgotten. */
  readonly dryRun: boolean;
  readonly settling: SettleOptions | undefined;
}

/** What could not be read of an enrollment and what belongs to it. */
interface PairOutcome {
  readonly enrollment?: MalformedRow;
  readonly progress?: MalformedRow;
}

/** Brings rows of the old school, read by their keys again, into their form of today. Each may be called at any time. */
export interface LearnerMigration {
  /** The course as it is in force; undefined where there is none that could be read. */
  course(courseId: CourseId): Promise<CourseInForce | undefined>;
  /** @throws MalformedRow */
  bringCourse(courseId: CourseId): Promise<void>;
  bringStudent(userId: UserId): Promise<void>;
  bringAccessRequest(userId: UserId, courseId: CourseId): Promise<void>;
  bringPayment(row: LegacyRow, key: Parameters<typeof paymentKey>): Promise<void>;
  /** An enrollment with its progress, its completed chapters and the videos that were ticked off. */
  bringPair(userId: UserId, courseId: CourseId): Promise<PairOutcome>;
  bringVideo(key: Key, courseId: CourseId, videoId: ItemId): Promise<void>;
  bringAttempt(key: Key, courseId: CourseId, quizId: ItemId): Promise<void>;
}

/** Of a transaction of 100: an enrollment, its progress and its student are the others. */
const MOST_FACTS = 90;

/**
 * For one step of the job: what it has read of courses it keeps.
 *
 * Facts come after what they are projected on: whoever follows the tables of facts reads course, enrollment and
 * progress when told of one, and must find them readable.
 */
export function createLearnerMigration(tables: Tables, setting: MigrationSetting): LearnerMigration {
  const { documents, dryRun, settling } = setting;
  const outlines = createOutlines(documents, tables);
  const courses = new Map<CourseId, Promise<CourseInForce | undefined>>();
  const pairs = new Map<string, Promise<PairOutcome>>();
  const write = (writes: readonly Write[]) => (dryRun ? Promise.resolve() : commit(documents, writes));
  const read = async (table: string, key: Key): Promise<LegacyRow | undefined> =>
    (await readRows(documents, [anyRow(table, key)]))[0];

  const migration: LearnerMigration = {
    course: (courseId) =>
      once(courses, courseId, async () => {
        try {
          return await takeCourse(courseId);
        } catch (error) {
          if (error instanceof MalformedRow) return undefined;
          throw error;
        }
      }),
    bringCourse: async (courseId) => {
      await takeCourse(courseId);
    },
    bringStudent: (userId) =>
      settle(async () => {
        const key = studentKey(userId);
        const row = await read(tables.students, key);
        if (row === undefined || !isLegacy(row)) return;
        const { rows } = await queryRows(documents, {
          table: tables.enrollments,
          schema: ANY_ROW,
          partition: ['userId', userId],
          limit: 1,
        });
        const migrated = migrateStudent(row, { ...setting, enrolled: rows.length > 0 });
        if (migrated === undefined) return;
        const student = readable(tables.students, key, migrated);
        await write([fittingPut(tables.students, StudentRow, student, unchanged(row))]);
      }, settling),
    bringAccessRequest: (userId, courseId) =>
      settle(async () => {
        const key = accessRequestKey(userId, courseId);
        const row = await read(tables.accessRequests, key);
        const migrated = row && migrateAccessRequest(row, setting);
        if (row === undefined || migrated === undefined) return;
        const request = readable(tables.accessRequests, key, migrated);
        await write([fittingPut(tables.accessRequests, AccessRequestRow, request, unchanged(row))]);
      }, settling),
    bringPayment: ({ courseId }, [userId, paymentId]) =>
      settle(async () => {
        const key = paymentKey(userId, paymentId);
        const row = await read(tables.payments, key);
        const courseTitle = typeof courseId === 'string' ? await titleOf(courseId) : '';
        const migrated = row && migratePayment(row, { ...setting, courseTitle });
        if (row === undefined || migrated === undefined) return;
        const payment = readable(tables.payments, key, migrated);
        await write([fittingPut(tables.payments, PaymentRow, payment, unchanged(row))]);
      }, settling),
    bringPair: (userId, courseId) =>
      once(pairs, `${userId}#${courseId}`, () => settle(() => takePair(userId, courseId), settling)),
    bringVideo: (key, courseId, videoId) =>
      settle(async () => {
        const durationSeconds = durationOf(await migration.course(courseId), videoId);
        const row = await read(tables.videoProgress, key);
        const migrated = row && migrateVideo(row, { ...setting, durationSeconds });
        if (row === undefined || migrated === undefined) return;
        const video = readable(tables.videoProgress, key, migrated);
        await write([fittingPut(tables.videoProgress, VideoProgressRow, video, unchanged(row))]);
      }, settling),
    bringAttempt: (key, courseId, quizId) =>
      settle(async () => {
        const passMark = passMarkOf(await migration.course(courseId), quizId);
        const row = await read(tables.quizAttempts, key);
        const migrated = row && migrateAttempt(row, { ...setting, passMark });
        if (row === undefined || migrated === undefined) return;
        const attempt = readable(tables.quizAttempts, key, migrated);
        await write([fittingPut(tables.quizAttempts, QuizAttemptRow, attempt, unchanged(row))]);
      }, settling),
  };

  async function titleOf(courseId: string): Promise<string> {
    const [row] = await readRows(documents, [anyRow(tables.courses, { courseId, part: 'course' })]);
    return typeof row?.title === 'string' ? row.title : courseId;
  }

  function takeCourse(courseId: CourseId): Promise<CourseInForce | undefined> {
    return settle(async () => {
      const key = courseKey(courseId);
      const row = await read(tables.courses, key);
      if (row === undefined) return undefined;
      const migrated = migrateCourse(row, setting);
      if (migrated !== undefined) {
        const { course, outline, draft } = readable(tables.courses, key, migrated);
        const when = isLegacy(row) ? unchanged(row) : atVersion(course.version - 1);
        await write([
          fittingPut(tables.courses, CourseRow, course, when),
          ...[outline, draft].flatMap((part) =>
            part === undefined ? [] : [fittingPut(tables.courses, OutlineRow, part, absent('courseId'))],
          ),
        ]);
        if (outline !== undefined || draft !== undefined) {
          const chapters = outline?.chapters ?? [];
          const { title, outlineVersion } = CourseRow.parse(course);
          return { title, outlineVersion, outline: { chapters } };
        }
      }
      const { title, outlineVersion } = parseRow(tables.courses, CourseRow, row);
      const inForce = await outlines.inForce([{ courseId, outlineVersion }]);
      return { title, outlineVersion, outline: inForce.get(courseId) ?? { chapters: [] } };
    }, settling);
  }

  async function takePair(userId: UserId, courseId: CourseId): Promise<PairOutcome> {
    const [enrollment, progress, student] = await readRows(documents, [
      anyRow(tables.enrollments, enrollmentKey(userId, courseId)),
      anyRow(tables.studentProgress, progressKey(userId, courseId)),
      anyRow(tables.students, studentKey(userId)),
    ]);
    const enrolled = await tried(async () => enrollmentWrites(enrollment, student));
    const done = await tried(() => progressWrites(progress));
    const first = enrolled instanceof MalformedRow ? [] : enrolled;
    const { facts, last } = done instanceof MalformedRow ? { facts: [], last: [] } : done;
    const rest = [...facts];
    let writes = [...first, ...rest.splice(0, MOST_FACTS)];
    while (rest.length > 0) {
      await write(writes);
      writes = rest.splice(0, MOST_FACTS);
    }
    await write([...writes, ...last]);
    return {
      ...(enrolled instanceof MalformedRow && { enrollment: enrolled }),
      ...(done instanceof MalformedRow && { progress: done }),
    };
  }

  function enrollmentWrites(row: LegacyRow | undefined, student: LegacyRow | undefined): Write[] {
    const migrated = row && migrateEnrollment(row, setting);
    if (row === undefined || migrated === undefined) return [];
    const key = { userId: String(row.userId), courseId: String(row.courseId) };
    const enrollment = readable(tables.enrollments, key, migrated);
    const put = fittingPut(tables.enrollments, EnrollmentRow, enrollment, unchanged(row));
    if (student !== undefined) return [put];
    const made = studentOfEnrollment(enrollment, setting);
    return [put, fittingPut(tables.students, StudentRow, made, absent('userId'))];
  }

  async function progressWrites(row: LegacyRow | undefined): Promise<{ facts: Write[]; last: Write[] }> {
    if (row === undefined || !isLegacy(row)) return { facts: [], last: [] };
    const key = { userId: String(row.userId), courseId: String(row.courseId) };
    const course = await courseOfRow(row);
    const migrated = migrateProgress(row, { ...setting, course });
    if (migrated === undefined) return { facts: [], last: [] };
    const { progress, totalProgress, chapters, videos } = readable(tables.studentProgress, key, migrated);
    const { userId, courseId } = progress;
    const known = await readRows(
      documents,
      chapters.map(({ chapterId }) =>
        anyRow(tables.chapterCompletions, chapterCompletionKey(userId, courseId, chapterId)),
      ),
    );
    const facts: Write[] = [];
    const completedChapters: Record<string, ChapterFact> = {};
    for (const [index, chapter] of chapters.entries()) {
      const standing = known[index];
      if (standing === undefined) {
        facts.push(fittingPut(tables.chapterCompletions, ChapterCompletionRow, chapter, absent('userId')));
      }
      const { version, completedAt } =
        standing === undefined
          ? chapter
          : parseRow(tables.chapterCompletions, ChapterCompletionRow, standing);
      completedChapters[chapter.chapterId] = { version, completedAt };
    }
    const watched: VideoProgressState[] = [];
    for (const listed of videos) {
      const { video, writes } = await takeListed(userId, courseId, listed);
      facts.push(...writes);
      if (video !== undefined) watched.push(video);
    }
    const outline = course?.outline ?? { chapters: [] };
    const { watchedVideos } = factsOf({ videos: watched }, outline);
    const item = { ...progress, ...computedOf(totalProgress, { completedChapters, watchedVideos }, outline) };
    return {
      facts,
      last: [fittingPut(tables.studentProgress, StudentProgressRow, item, unchanged(row))],
    };
  }

  async function courseOfRow({ courseId }: LegacyRow): Promise<CourseInForce | undefined> {
    const id = CourseRow.shape.courseId.safeParse(courseId);
    return id.success ? migration.course(id.data) : undefined;
  }

  /** The row of a video that the old school had as watched, with what is to be written of it. */
  async function takeListed(
    userId: UserId,
    courseId: CourseId,
    { videoId, durationSeconds, tickedAt: at }: ListedVideo,
  ): Promise<{ readonly video?: VideoProgressState; readonly writes: readonly Write[] }> {
    const table = tables.videoProgress;
    const row = await read(table, videoKey(userId, courseId, videoId));
    if (row === undefined) {
      if (at === undefined) return { writes: [] };
      const video = tickedVideo({ userId, courseId, videoId }, { ...setting, at, durationSeconds });
      return { video, writes: [fittingPut(table, VideoProgressRow, video, absent('userId'))] };
    }
    const migrated = migrateVideo(row, { ...setting, durationSeconds });
    if (migrated === undefined) {
      const standing = parseRow(table, VideoProgressRow, row);
      const video = at === undefined ? undefined : tickOff(standing, { ...setting, durationSeconds });
      if (video === undefined) return { video: standing, writes: [] };
      return { video, writes: [fittingPut(table, VideoProgressRow, video, asRead(standing, 'userId'))] };
    }
    // One that cannot be read is set aside where it is met itself.
    if ('unreadable' in migrated) return { writes: [] };
    const ticked = at === undefined ? undefined : tickOff(migrated, { ...setting, durationSeconds });
    const video = { ...migrated, intervals: ticked?.intervals ?? migrated.intervals };
    return { video, writes: [fittingPut(table, VideoProgressRow, video, unchanged(row))] };
  }

  return migration;
}

function durationOf(course: CourseInForce | undefined, videoId: ItemId): number | undefined {
  const item = allItems(course?.outline ?? { chapters: [] }).find(({ itemId }) => itemId === videoId);
  return item?.kind === 'video' ? item.durationSeconds : undefined;
}

function passMarkOf(course: CourseInForce | undefined, quizId: ItemId): number | undefined {
  const item = allItems(course?.outline ?? { chapters: [] }).find(({ itemId }) => itemId === quizId);
  return item?.kind === 'quiz' ? item.passMark : undefined;
}

/** Does it once for a name; whoever asks meanwhile waits for the same. What failed is done again. */
export function once<Name, Done>(
  known: Map<Name, Promise<Done>>,
  name: Name,
  work: () => Promise<Done>,
): Promise<Done> {
  const standing = known.get(name);
  if (standing !== undefined) return standing;
  const started = work();
  known.set(name, started);
  started.catch(() => known.delete(name));
  return started;
}

/** What was done, or the row that could not be read; another row's fault is no reason to leave this one. */
async function tried<Done>(work: () => Promise<Done>): Promise<Done | MalformedRow> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MalformedRow) return error;
    throw error;
  }
}
