import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { WebSocket } from 'ws';
import type * as z from 'zod';
import type { StreamPoller } from '../../infra/local/streams/stream-poller.ts';
import { quiet } from '../../infra/local/streams/stream-quiet.ts';
import { createApiClient, type ApiClient } from '../../shared/client/api.ts';
import { connectRealtime } from '../../shared/client/realtime.ts';
import { adminsTopic, studentTopic } from '../../shared/client/realtime-topic.ts';
import type { RowChange } from '../../shared/contracts/publish.ts';
import type { CourseDraft } from '../../shared/contracts/requests.ts';
import type { CourseAccess } from '../../shared/domain/status.ts';
import type { School } from '../school.ts';
import { record, type Recorder } from './recorder.ts';
import { awaitTooLate, type TooLate } from './too-late.ts';

/** One learner in one course, both made for one row of the matrix, so that no row disturbs another. */
export interface Learner {
  readonly userId: string;
  readonly courseId: string;
  readonly token: string;
  readonly api: ApiClient;
  readonly events: Recorder;
}

/** Whether a row is the learner's, or sums up the learner's course. */
export function isAbout({ userId, courseId }: Learner, { key }: RowChange): boolean {
  return key.includes(courseId) || key.includes(userId);
}

/** A school under proof: its people, what they are told, and its tables. */
export interface Lab {
  readonly school: School;
  readonly admin: ApiClient;
  readonly adminToken: string;
  readonly adminEvents: Recorder;
  /** The longest that a target may take to show something. */
  readonly timeoutMs: number;
  /** A new student and a new published course. */
  learner(access?: CourseAccess): Promise<Learner>;
  /** The student's row in a table, as it is now. */
  row(table: string, key: Readonly<Record<string, string>>): Promise<Record<string, unknown> | undefined>;
  /** Resolves when nothing is left in any stream. */
  quiet(): Promise<void>;
  /** Begins to wait for what was done until now. */
  tooLate(): TooLate;
  close(): void;
}

const QUIET_MS = 300_000;

/**
 * Opens the lab. The names it gives begin with `prefix`, which must be new to the school. `pollers` are the streams of
 * a school of this process: then what is lost is known to be lost before the time is over.
 */
export async function openLab(
  school: School,
  timeoutMs: number,
  prefix = 'matrix',
  pollers?: readonly StreamPoller[],
): Promise<Lab> {
  const closing: (() => void)[] = [];
  const connect = (token: string) => {
    const realtime = connectRealtime({ url: school.graphqlUrl, token: () => token, WebSocket });
    closing.push(() => realtime.close());
    return realtime;
  };
  const adminToken = await school.token(`${prefix}-admin`, ['admin']);
  const admin = createApiClient({ url: school.url, token: adminToken });
  const adminEvents = await record(connect(adminToken), adminsTopic());
  let learners = 0;

  return {
    school,
    admin,
    adminToken,
    adminEvents,
    timeoutMs,
    async learner(access = 'open') {
      learners += 1;
      // Of one length, so that no name is the beginning of another: faults and records are found by what a key contains.
      const number = String(learners).padStart(4, '0');
      const userId = `${prefix}-student-${number}`;
      const courseId = `${prefix}-course-${number}`;
      await publishCourse(admin, courseId, access);
      const token = await school.token(userId);
      const events = await record(connect(token), studentTopic(userId));
      return { userId, courseId, token, api: createApiClient({ url: school.url, token }), events };
    },
    async row(TableName, Key) {
      const { Item } = await school.documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return Item;
    },
    // Not the school's own, where the streams are here: it also waits for HTTP calls, and somebody is always looking.
    quiet: () => (pollers === undefined ? school.quiet() : quiet(pollers, { timeoutMs: QUIET_MS })),
    tooLate: () => awaitTooLate(timeoutMs, pollers),
    close() {
      for (const close of closing) close();
    },
  };
}

/** Three chapters of equal weight: a reading, a video of ten seconds, a quiz that any answers pass and one that only right ones do. */
async function publishCourse(admin: ApiClient, courseId: string, access: CourseAccess): Promise<void> {
  const params = { courseId };
  await admin.call('put-course', { params, body: courseOf(courseId, access) });
  await admin.call('set-course-status', { params, body: { status: 'published' } });
}

export function courseOf(courseId: string, access: CourseAccess): z.input<typeof CourseDraft> {
  return {
    title: `Course ${courseId}`,
    access,
    ...(access === 'paid' && { price: { amount: 4900, currency: 'EUR' } }),
    outline: {
      chapters: [
        { chapterId: 'read', title: 'Read', items: [{ kind: 'reading', itemId: 'text', title: 'Text' }] },
        {
          chapterId: 'watch',
          title: 'Watch',
          items: [{ kind: 'video', itemId: 'film', title: 'Film', durationSeconds: 10 }],
        },
        { chapterId: 'answer', title: 'Answer', items: [quiz('easy', 0), quiz('hard', 50)] },
      ],
    },
  };
}

/** One chapter with one item: so many questions of the bank. */
export function bankCourseOf(courseId: string, questions: number): z.input<typeof CourseDraft> {
  const item: DraftItem = { kind: 'qbank', itemId: 'practice', title: 'Practice', questions };
  return {
    ...courseOf(courseId, 'open'),
    outline: { chapters: [{ chapterId: 'practise', title: 'Practise', items: [item] }] },
  };
}

type DraftItem = z.input<typeof CourseDraft>['outline']['chapters'][number]['items'][number];

function quiz(itemId: string, passMark: number): DraftItem {
  const options = [
    { optionId: 'right', text: 'This' },
    { optionId: 'wrong', text: 'That' },
  ];
  const questions = [{ questionId: 'one', stem: 'Which is right?', options, key: 'right' }];
  return { kind: 'quiz', itemId, title: itemId, passMark, marking: { by: 'key', questions } };
}
