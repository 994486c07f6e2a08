import { projectProgress } from '../../functions/streams/project-progress.ts';
import { progressMismatches } from '../../commands/consistency/naive-progress.ts';
import { readTables } from '../../commands/consistency/read-tables.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import { FACT_TABLES } from '../../shared/runtime/learner-facts.ts';
import type { StreamHandler } from '../../shared/runtime/stream-loop.ts';
import type { Table } from '../../shared/store/keys.ts';
import { PREVIEW_COURSE, previewCourseJob } from '../../shared/store/preview-job.ts';
import { RECALCULATE_COURSE, recalculateCourseJob } from '../../shared/store/recalculate-job.ts';
import type { Database } from '../support/database.ts';
import { deliver, streamRecords } from '../support/streams.ts';
import { type Draft, threeChapters } from '../support/courses.ts';
import { type HttpSchool, httpSchool } from './http-school.ts';
import { type JobRunner, jobRunner } from './job-runner.ts';

/** A school with the jobs of courses and the projection of facts, both in the hands of the test. */
export interface CourseRunner {
  readonly school: HttpSchool;
  readonly jobs: JobRunner;
  /** For calls and jobs alike. */
  pass(seconds: number): void;
  /** The projection of facts, for records of the test's own. */
  readonly project: StreamHandler;
  /** Projects the facts that were not projected yet. */
  learn(): Promise<void>;
  put(draft: Draft): Promise<void>;
  publish(draft: Draft): Promise<void>;
  /** Lets second passes come to their time, and everything to its end. */
  settle(): Promise<void>;
  /** Learners whose rows are not what a naive recomputation says; at rest. */
  mismatches(): Promise<string[]>;
}

export const COURSE = 'c';
const params = { courseId: COURSE };

export function courseRunner(db: Database): CourseRunner {
  const school = httpSchool(db);
  const { documents, tables } = db;
  const given = { now: () => jobs.now, settling: { sleep: async () => {} } };
  const jobs = jobRunner(db, {
    [RECALCULATE_COURSE]: recalculateCourseJob(documents, tables, given),
    [PREVIEW_COURSE]: previewCourseJob(documents, tables, given),
  });
  const project = projectProgress({
    documents,
    tables,
    logger: silentLog,
    clock: () => school.now,
    settling: given.settling,
  });
  const told = new Map<string, unknown>();
  const runner: CourseRunner = {
    school,
    jobs,
    project,
    pass: (seconds) => {
      school.pass(seconds);
      jobs.pass(seconds);
    },
    learn: async () => {
      for (const table of FACT_TABLES) {
        const rows = await untold(table);
        if (rows.length === 0) continue;
        await deliver(project, streamRecords(rows.map((after) => ({ table: tables[table], after }))));
      }
    },
    put: async (draft) => {
      await school.admin.call('put-course', { params, body: draft });
    },
    publish: async (draft) => {
      await runner.put(draft);
      await school.admin.call('set-course-status', { params, body: { status: 'published' } });
    },
    settle: async () => {
      await runner.learn();
      await jobs.flow();
      runner.pass(120);
      await jobs.wake();
      await jobs.flow();
    },
    mismatches: async () => progressMismatches(await readTables(db.plain, (name) => tables[name as Table])),
  };

  async function untold(table: (typeof FACT_TABLES)[number]) {
    const rows = (await db.rows(table)).filter((row) => told.get(nameOf(table, row)) !== row.version);
    for (const row of rows) told.set(nameOf(table, row), row.version);
    return rows;
  }
  return runner;
}

function nameOf(table: string, row: Record<string, unknown>): string {
  const { userId, completion, video, attempt, waiver } = row;
  return [table, userId, completion, video, attempt, waiver].join('|');
}

/** Three chapters with a film of another length, or none, with or without the quiz, and with further readings. */
export function variant(it: { film?: number | undefined; quiz?: boolean; more?: number }): Draft {
  const { film = 10, quiz = true, more = 0 } = it;
  const { outline } = threeChapters();
  const chapters = outline.chapters.flatMap((chapter) => {
    if (chapter.chapterId === 'answer' && !quiz) return [];
    if (chapter.chapterId !== 'watch') return [chapter];
    if (film === 0) return [];
    return [
      {
        ...chapter,
        items: [{ kind: 'video' as const, itemId: 'film', title: 'Film', durationSeconds: film }],
      },
    ];
  });
  const further = Array.from({ length: more }, (_, index) => ({
    chapterId: `more${index}`,
    title: 'More',
    items: [{ kind: 'reading' as const, itemId: `r${index}`, title: 'R' }],
  }));
  return threeChapters({ outline: { chapters: [...chapters, ...further] } });
}
