import { DeleteCommand, GetCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, inject, it } from 'vitest';
import type { AuthorizedAccess } from '../../infra/local/dynamodb/authorize.ts';
import { principalsOf } from '../../infra/local/iam/principals.ts';
import { createFailureDestination } from '../../infra/local/streams/failure-destination.ts';
import { parseStreamMapping } from '../../infra/local/streams/stream-mapping.ts';
import type { StreamEventRecord } from '../../infra/local/streams/stream-records.ts';
import { readTemplate } from '../../infra/local/template/template.ts';
import type { ApiClient } from '../../shared/client/api.ts';
import { tables } from '../../infra/table-specs.ts';
import { REDRIVABLE, type Redrivable, segmentKey } from '../../shared/store/keys.ts';
import { legacySchool } from '../fixtures/legacy-school.ts';
import { fillBank, question } from '../support/bank.ts';
import { ended } from '../support/jobs.ts';
import { markedByHand, practising, publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { startSchool, type TestSchool } from '../support/school.ts';
import { streamRecords } from '../support/streams.ts';

type Access = Pick<AuthorizedAccess, 'functionName' | 'action' | 'resource'>;

const textOf = ({ functionName, action, resource }: Access) => `${functionName} ${action} ${resource}`;
const isOfTableOrIndex = (resource: string) => /:table\/[^/]+(\/index\/[^/]+)?$/.test(resource);

/** What the roles of the template allow on resources such as these. */
function grantedBy(assembly: string, isMeant: (resource: string, action: string) => boolean): string[] {
  return [...principalsOf(readTemplate({ assembly })).values()].flatMap(({ functionName, statements }) =>
    statements.flatMap(({ Action = [], Resource = [] }) =>
      Action.flatMap((action) =>
        Resource.filter((resource) => isMeant(resource, action)).map((resource) =>
          textOf({ functionName, action, resource }),
        ),
      ),
    ),
  );
}

/** Of what functions do themselves with buckets: what they give up, Lambda lists and puts there under their roles. */
function isOfObject(resource: string, action: string): boolean {
  return resource.startsWith('arn:aws:s3:::') && !['s3:PutObject', 's3:ListBucket'].includes(action);
}

/** Rows of one person that nobody can read. */
const MALFORMED = [
  ['chapterCompletions', { completion: 'all#watch' }],
  ['enrollments', { courseId: 'malformed' }],
  ['studentProgress', { courseId: 'malformed' }],
] as const;

/** Every operation, so that each function does all that it ever does with the database. */
async function useEverything(school: TestSchool): Promise<void> {
  const admin = await school.admin();
  const student = await school.student('ada');
  await admin.call('describe-api');
  await school.signUp('nora', { name: 'Nora Nobody', email: 'nora@school.example' });

  await teachAndStudy(school, admin, student);
  await letIn(school, admin);
  await sell(school, admin);
  await letOff(admin);
  await changeCourse(school, admin);
  await certify(school, student);
  await keepBank(admin);
  await takeTests(school, admin, student);
  await voidWhatWasAnswered(school, admin, student);

  await student.call('put-student-profile', { body: { name: 'Ada Lovelace' } });
  const { body: told } = await student.call('get-notifications');
  const [newest] = told.notifications;
  if (newest === undefined) throw new Error('Nobody told ada anything');
  await student.call('read-notification', { params: { notificationId: newest.notificationId } });
  await student.call('read-notifications', { body: { upTo: newest.notificationId } });
  await school.quiet();
  await look(admin, student);

  await student.call('unenroll', { params: course });
  await admin.call('unenroll-student', { params: { ...course, userId: 'ben' } });
  for (const [table, key] of MALFORMED) await putMalformed(table, { userId: 'ada', ...key });
  await putMalformed('jobs', { jobId: 'malformed', part: 'segment#000' });
  await school.quiet();
  await giveUp(school);
  await school.stack.schedules.fireNow('lockstep-collect-failures');
  await redriveEverything(school, admin);
  await lookAfter(school, admin);
  await migrateLegacy(school, admin);

  function putMalformed(table: string, key: Readonly<Record<string, string>>) {
    return school.documents.send(new PutCommand({ TableName: table, Item: key }));
  }
}

/** Brings a school of old into this one, by rows that no function has ever written. */
async function migrateLegacy(school: TestSchool, admin: ApiClient): Promise<void> {
  for (const [table, rows] of Object.entries(legacySchool({ seed: 1, learners: 10 }))) {
    for (const Item of rows) await school.documents.send(new PutCommand({ TableName: table, Item }));
  }
  const params = { jobId: 'migrate~grants' };
  await admin.call('start-job', { params, body: { kind: 'migrate' } });
  await ended(school, admin, params.jobId);
}

const course = { courseId: 'all' };
const essay = { courseId: 'essay', quizId: 'essay', attemptId: 'first' };

async function teachAndStudy(school: TestSchool, admin: ApiClient, student: ApiClient): Promise<void> {
  await publish(admin, course.courseId, threeChapters());
  // Once published, a course has an outline in force for these to read.
  await admin.call('put-course', { params: course, body: threeChapters({ title: 'Another title' }) });
  await admin.call('set-course-status', { params: course, body: { status: 'published' } });
  await admin.call('get-course', { params: course });
  await publish(admin, essay.courseId, markedByHand());

  await student.call('enroll-directly', { params: course });
  await admin.call('enroll-student', { params: { userId: 'ada', courseId: essay.courseId } });
  await admin.call('enroll-student', { params: { ...course, userId: 'ben' } });
  await student.call('complete-chapter', { params: { ...course, chapterId: 'read' } });
  const film = { params: { ...course, videoId: 'film' } };
  await student.call('record-video-beat', { ...film, body: { intervals: [[0, 5]] } });
  const attempt = { ...course, quizId: 'quiz', attemptId: 'first' };
  await student.call('submit-quiz-attempt', { params: attempt, body: rightAnswers });
  await student.call('submit-quiz-attempt', { params: essay, body: {} });
  await admin.call('mark-quiz-attempt', { params: { ...essay, userId: 'ada' }, body: { score: 50 } });
  await school.quiet();
}

/** Every way in by asking, each once with a request that waits, which ends, and once without. */
async function letIn(school: TestSchool, admin: ApiClient): Promise<void> {
  const asked = { courseId: 'asked' };
  await publish(admin, asked.courseId, threeChapters({ access: 'request' }));
  const people = ['ann', 'bob', 'cy', 'dee', 'eve'];
  for (const userId of people) {
    await (await school.student(userId)).call('request-access', { params: asked, body: {} });
  }
  await admin.call('get-admin-requests');
  await admin.call('approve-request', { params: { ...asked, userId: 'ann' } });
  await admin.call('enroll-student', { params: { ...asked, userId: 'bob' } });
  await admin.call('reject-request', { params: { ...asked, userId: 'cy' }, body: { reason: 'full' } });
  await (await school.student('dee')).call('withdraw-request', { params: asked });
  await admin.call('put-course', { params: asked, body: threeChapters() });
  await (await school.student('eve')).call('enroll-directly', { params: asked });
}

/** One buyer who has asked to be let in before, and one who has not. */
async function sell(school: TestSchool, admin: ApiClient): Promise<void> {
  const sold = { courseId: 'sold' };
  const price = { amount: 4900, currency: 'EUR' };
  await publish(admin, sold.courseId, threeChapters({ access: 'request' }));
  const [asks, buys] = [await school.student('finn'), await school.student('gus')];
  await asks.call('request-access', { params: sold, body: {} });
  await admin.call('put-course', { params: sold, body: threeChapters({ access: 'paid', price }) });
  for (const buyer of [asks, buys]) {
    const { body } = await buyer.call('start-checkout', {
      params: { paymentId: 'p1' },
      body: { ...sold, successUrl: 'https://school.example/', cancelUrl: 'https://school.example/' },
    });
    await school.payments.complete(new URL(body.checkoutUrl ?? '').pathname.split('/').at(-1) ?? '');
    await buyer.call('get-payments');
  }
}

async function letOff(admin: ApiClient): Promise<void> {
  const item = { ...course, userId: 'ada', itemId: 'film' };
  await admin.call('waive-item', { params: item, body: { reason: 'knows it' } });
  await admin.call('withdraw-waiver', { params: item });
}

/** Another chapter lowers the percentage, and the film, which was watched, is measured anew. */
async function changeCourse(school: TestSchool, admin: ApiClient): Promise<void> {
  const { chapters } = threeChapters().outline;
  const film = (itemId: string, durationSeconds: number) =>
    ({ kind: 'video', itemId, title: 'Film', durationSeconds }) as const;
  const longer = chapters.map((chapter) =>
    chapter.chapterId === 'watch' ? { ...chapter, items: [film('film', 12)] } : chapter,
  );
  const more = (name: string) => ({
    chapterId: name,
    title: 'More',
    items: Array.from({ length: 100 }, (_, index) => film(`${name}${index}`, 10)),
  });
  // With so many films to measure, two learners are too many to count at once.
  const festival = ['a', 'b', 'c', 'd', 'e', 'f'].map(more);
  for (const added of [festival, [{ ...more('more'), items: [film('sequel', 10)] }]]) {
    const outline = { chapters: [...longer, ...added] };
    await admin.call('put-course', { params: course, body: threeChapters({ outline }) });
    await admin.call('preview-course', { params: course });
    await school.quiet();
  }
  await admin.call('set-course-status', { params: course, body: { status: 'published' } });
  await school.quiet();
}

async function certify(school: TestSchool, student: ApiClient): Promise<void> {
  const { body: profile } = await student.call('get-student-profile');
  const [certificate] = profile.certificates;
  if (certificate === undefined) throw new Error('ada has no certificate');
  await student.call('verify-certificate', { params: { code: certificate.code } });
  const pdf = await fetch(`${school.url}/certificates/${certificate.code}/pdf`);
  expect(pdf.status).toBe(200);
  await pdf.arrayBuffer();
}

/** A question new and revised, alone and in an import, void and valid again. */
async function keepBank(admin: ApiClient): Promise<void> {
  const asked = { ...course, questionId: 'q1' };
  const draft = {
    topic: 'logic',
    stem: 'What follows?',
    options: [
      { optionId: 'a', text: 'All' },
      { optionId: 'b', text: 'Nothing' },
    ],
    key: 'a',
  };
  await admin.call('put-question', { params: asked, body: draft });
  await admin.call('put-question', { params: asked, body: { ...draft, key: 'b' } });
  const questions = ['q1', 'q2'].map((questionId) => ({ ...draft, questionId }));
  await admin.call('import-questions', { params: course, body: { questions } });
  const first = { ...asked, questionVersion: 1 };
  await admin.call('void-question', { params: first, body: { reason: 'The key is wrong' } });
  await admin.call('validate-question', { params: first });
  await admin.call('get-question', { params: asked });
  await admin.call('get-question-table', { params: course });
}

/** A question that turns out to be void after it was answered; the job's second pass, which waits, is woken. */
async function voidWhatWasAnswered(school: TestSchool, admin: ApiClient, student: ApiClient): Promise<void> {
  const test = { ...course, testId: 'voided' };
  await student.call('start-test', { params: test, body: { mode: 'timed', count: 2 } });
  await student.call('answer-question', {
    params: { ...test, questionId: 'q1' },
    body: { optionId: 'a', answerId: 'only' },
  });
  await student.call('submit-test', { params: test });
  const newest = { ...course, questionId: 'q1', questionVersion: 3 };
  await admin.call('void-question', { params: newest, body: { reason: 'The key is wrong again' } });
  await school.quiet();
  const { body: list } = await admin.call('get-jobs');
  const jobId = list.jobs.find(({ parameters }) => parameters.questionVersion === 3)?.jobId ?? '';
  const waiting = segmentKey(jobId, 1);
  const { Item } = await school.documents.send(new GetCommand({ TableName: 'jobs', Key: waiting }));
  const past = { ...Item, version: Number(Item?.version) + 1, wakeAt: '2020-01-01T00:00:00.000Z' };
  await school.documents.send(new PutCommand({ TableName: 'jobs', Item: past }));
  await school.stack.schedules.fireNow('lockstep-wake-jobs');
  await school.quiet();
  const { body: job } = await admin.call('get-job', { params: { jobId } });
  expect(job).toMatchObject({ status: 'done', counts: { changed: 1, rows: 2, untouched: 1 } });
  // It waits for its second pass.
  const running = list.jobs.find(({ kind }) => kind === 'recalculate-course')?.jobId ?? '';
  await admin.call('stop-job', { params: { jobId: running } });
}

/** Tests of the question bank: answered, changed, handed in, and closed by the clock. */
async function takeTests(school: TestSchool, admin: ApiClient, student: ApiClient): Promise<void> {
  const params = { courseId: 'practice' };
  await admin.call('put-course', { params, body: practising(3) });
  await fillBank(
    admin,
    'practice',
    ['q1', 'q2', 'q3'].map((questionId) => question(questionId)),
  );
  await admin.call('set-course-status', { params, body: { status: 'published' } });
  await student.call('enroll-directly', { params });
  for (const testId of ['first', 'second']) {
    const test = { ...params, testId };
    await student.call('start-test', { params: test, body: { mode: 'timed', count: 2 } });
    await student.call('open-test', { params: test });
    const { body } = await student.call('get-test', { params: test });
    const questionId = body.questions[0]?.questionId ?? '';
    for (const optionId of ['b', 'a']) {
      await student.call('answer-question', {
        params: { ...test, questionId },
        body: { optionId, answerId: optionId },
      });
    }
    // Void no more, which the end of the test has to see.
    await set(
      'qbankQuestionAttempts',
      { attempt: `practice#${testId}#${questionId}` },
      'voided = :value',
      true,
    );
  }
  await student.call('submit-test', { params: { ...params, testId: 'first' } });
  await student.call('get-student-qbank', { params });
  const past = new Date(Date.now() - 1000).toISOString();
  await set('qbankTests', { test: 'practice#second' }, 'closesAt = :value, dueAt = :value', past);
  await school.stack.schedules.fireNow('lockstep-close-tests');

  function set(table: string, key: Readonly<Record<string, string>>, change: string, value: unknown) {
    return school.documents.send(
      new UpdateCommand({
        TableName: table,
        Key: { userId: 'ada', ...key },
        UpdateExpression: `SET ${change}`,
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  }
}

async function look(admin: ApiClient, student: ApiClient): Promise<void> {
  await student.call('get-student-dashboard');
  await student.call('get-student-courses');
  await student.call('get-student-progress');
  await student.call('get-student-profile');
  await student.call('get-student-course-detail', { params: course });
  await admin.call('get-admin-dashboard');
  await admin.call('get-admin-analytics', { query: course });
  await admin.call('get-admin-students');
  await admin.call('get-admin-students', { query: course });
  await admin.call('get-admin-students', { query: { search: 'no' } });
  await admin.call('get-admin-student', { params: { userId: 'ada' } });
  await admin.call('explain-progress', { params: { ...course, userId: 'ada' } });
  for (const [scope, part] of [
    ['school', 'total'],
    ['student#ada', 'qbank#practice'],
    ['bank#all', 'question#q1#000003'],
  ] as const) {
    await admin.call('explain-aggregate', { query: { scope, part } });
  }
}

/** Seconds in which what was written is left to the streams. */
const QUIET = 1;

/** The health of the school, with a reconciliation that it has to look up. */
async function lookAfter(school: TestSchool, admin: ApiClient): Promise<void> {
  await harm(school);
  const params = { jobId: 'reconcile~grants' };
  await admin.call('start-job', { params, body: { kind: 'reconcile', quietSeconds: QUIET } });
  // The aggregates wait for their time now, and what changes meanwhile is kept as it was.
  await school.quiet();
  const answered = await rowOf(
    school,
    'qbankQuestionAttempts',
    ({ first, voided }) => first === true && !voided,
  );
  const Item = { ...answered, seconds: Number(answered.seconds) + 1, version: Number(answered.version) + 1 };
  await school.documents.send(new PutCommand({ TableName: 'qbankQuestionAttempts', Item }));
  const read = await rowOf(school, 'chapterCompletions', () => true);
  const more = { ...read, chapterId: 'more', completion: `${String(read.courseId)}#more` };
  await school.documents.send(new PutCommand({ TableName: 'chapterCompletions', Item: more }));
  expect((await ended(school, admin, params.jobId)).aside).toBe(1);
  const { body: aside } = await admin.call('get-failures', { query: { consumer: 'run-jobs' } });
  expect(aside.failures.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(/enrollments/));

  await school.stack.schedules.fireNow('lockstep-reconcile-school');
  const { body: started } = await admin.call('get-jobs');
  const daily = started.jobs.find(({ kind }) => kind === 'reconcile');
  if (daily === undefined) throw new Error('No reconciliation was started');
  const { endedAt } = await ended(school, admin, daily.jobId);
  await school.stack.schedules.fireNow('lockstep-measure-health');
  const { body } = await admin.call('get-sync-health', { query: { minutes: 60 } });
  expect(body.flows.map(({ drift }) => drift?.at)).toEqual(body.flows.map(() => endedAt));
  await school.quiet();
}

/** Puts out of step what only repairs touch. */
async function harm(school: TestSchool): Promise<void> {
  const put = (TableName: string, Item: Record<string, unknown>) =>
    school.documents.send(new PutCommand({ TableName, Item }));
  // Whoever has a malformed row is set aside whole.
  for (const [TableName, key] of MALFORMED) {
    await school.documents.send(new DeleteCommand({ TableName, Key: { userId: 'ada', ...key } }));
  }
  await losesProgress(school);
  const progress = await rowOf(school, 'studentProgress', (row) => row.courseId === course.courseId);
  await put('studentProgress', { ...progress, userId: 'stranger' });
  const lowered = { outlineVersion: 1, from: 80, to: 60, at: progress.updatedAt };
  await put('studentProgress', { ...progress, lowered });
  await school.quiet();
  const at = String(progress.updatedAt);
  const shard = { version: 1, updatedAt: at, causedBy: 'test', causedAt: at, answers: 'many' };
  await put('analytics', { scope: 'course#none', part: 'total#0', ...shard });
  await put('qbankQuestionStatistics', { scope: 'bank#none', part: 'question#none#000001#0', ...shard });
  // Somebody of whom a job cannot read everything is set aside by it.
  await put('enrollments', { userId: 'unread', courseId: 'malformed' });
  const certificate = await rowOf(school, 'certificates', () => true);
  const { userId, certificate: sort } = certificate;
  await school.documents.send(
    new DeleteCommand({ TableName: 'certificates', Key: { userId, certificate: sort } }),
  );
  const news = await rowOf(school, 'notifications', ({ kind }) => kind === 'certificate_issued');
  await put('notifications', { ...news, notificationId: '2026-01-01T00:00:00.000Z.certificate_issued.none' });
  const told = await rowOf(
    school,
    'notifications',
    ({ kind, createdAt }) => kind === 'progress_lowered' && createdAt === progress.updatedAt,
  );
  const Key = { userId: told.userId, notificationId: told.notificationId };
  await school.documents.send(new DeleteCommand({ TableName: 'notifications', Key }));
  await school.quiet();
  // What was written in the last second is left to the streams.
  await sleep(1000 * QUIET + 100);
}

/** Somebody's progress row is lost, and made anew when the next fact comes. */
async function losesProgress(school: TestSchool): Promise<void> {
  const { documents } = school;
  const read = await rowOf(school, 'chapterCompletions', (row) => row.courseId === course.courseId);
  const { userId, courseId } = read;
  await documents.send(new DeleteCommand({ TableName: 'studentProgress', Key: { userId, courseId } }));
  const Item = { ...read, chapterId: 'again', completion: `${String(courseId)}#again` };
  await documents.send(new PutCommand({ TableName: 'chapterCompletions', Item }));
  await school.quiet();
  await rowOf(school, 'studentProgress', (row) => row.userId === userId && row.courseId === courseId);
}

async function rowOf(
  school: TestSchool,
  table: string,
  isMeant: (row: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  const { Items = [] } = await school.documents.send(new ScanCommand({ TableName: table }));
  const row = Items.find(isMeant);
  if (row === undefined) throw new Error(`There is no such row in ${table}`);
  return row;
}

/** A row of every table that can be told of once more, by itself and together with all that waits. */
async function redriveEverything(school: TestSchool, admin: ApiClient): Promise<void> {
  const { body: waiting } = await admin.call('get-failures');
  const [first] = waiting.failures;
  if (first === undefined) throw new Error('Nothing was set aside');
  const params = { failureId: first.failureId };
  await admin.call('get-failure', { params });
  await admin.call('drop-failure', { params, body: { reason: 'it was made so' } });
  for (const [consumer, redrive] of [
    ['one', (failureId: string) => admin.call('redrive-failure', { params: { failureId } })],
    ['all', () => admin.call('redrive-failures', { query: { consumer: 'all' } })],
  ] as const) {
    for (const table of REDRIVABLE) {
      const failureId = await setAside(school, table, consumer);
      await redrive(Buffer.from(failureId).toString('base64url'));
    }
  }
  await school.quiet();
}

/** As if Lambda had given up a record of the first mapping. */
async function giveUp({ stack }: TestSchool): Promise<void> {
  const [mapping] = stack.template.resources('AWS::Lambda::EventSourceMapping').map(parseStreamMapping);
  const destination = mapping && createFailureDestination(mapping, stack.failureFolder, Date.now);
  if (destination === undefined) throw new Error('No mapping leaves what it gives up');
  await destination.setAside({
    records: streamRecords([{ table: mapping?.tableName ?? '', after: {} }]) as StreamEventRecord[],
    shardId: 'shard',
    condition: 'RetryAttemptsExhausted',
    invokeCount: 9,
    functionError: true,
  });
}

/** As if a consumer had passed a healthy row over. */
async function setAside(school: TestSchool, table: Redrivable, consumer: string): Promise<string> {
  const { Items = [] } = await school.documents.send(new ScanCommand({ TableName: table }));
  const row = Items.find((item) => item.version !== undefined);
  const { partition, ...rest } = tables[table].key;
  const sort = 'sort' in rest ? [rest.sort] : [];
  const key = Object.fromEntries([partition, ...sort].map((name) => [name, row?.[name]]));
  const at = new Date().toISOString();
  const failureId = `${table}#grants#${consumer}`;
  const record = JSON.stringify({ dynamodb: { Keys: marshall(key) } });
  const stamp = { version: 1, updatedAt: at, causedBy: 'test', causedAt: at };
  const failure = { failureId, table, consumer, reason: 'none', record, setAsideAt: at, listing: 'waiting' };
  await school.documents.send(new PutCommand({ TableName: 'failures', Item: { ...failure, ...stamp } }));
  return failureId;
}

describe('The roles of the functions', () => {
  it('allow exactly what the functions do on tables, indexes and objects', async () => {
    const school = await startSchool();
    try {
      const asked = new Map<string, AuthorizedAccess>();
      for (const { onAccess } of [school.stack.gate, school.stack.objects]) {
        onAccess((access) => asked.set(textOf(access), access));
      }
      const outcome = await useEverything(school).catch((error: unknown) => error);

      expect([...asked.values()].filter((access) => !access.allowed).map(textOf)).toEqual([]);
      expect(outcome).toBeUndefined();
      const used = [...asked.values()].filter((access) => isOfTableOrIndex(access.resource)).map(textOf);
      expect(used.sort()).toEqual(grantedBy(inject('assembly'), isOfTableOrIndex).sort());
      const objects = [...asked.values()].filter(({ resource, action }) => isOfObject(resource, action));
      const below = objects.map(({ resource, ...access }) =>
        textOf({ ...access, resource: resource.replace(/(\/aws\/lambda\/).*/, '$1*') }),
      );
      expect(below.sort()).toEqual(grantedBy(inject('assembly'), isOfObject).sort());
    } finally {
      await school.stack.stop();
    }
  }, 600_000);
});
