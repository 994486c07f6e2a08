import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectProgress } from '../../functions/streams/project-progress.ts';
import { StudentProgressRow, EnrollmentRow } from '../../shared/contracts/rows.ts';
import type { TestId, UserId } from '../../shared/domain/ids.ts';
import { factsOf } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import { ordinalsOf } from '../../shared/domain/qbank-bitmap.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import type { LagMeter } from '../../shared/store/lag-meter.ts';
import * as build from '../domain/builders.ts';
import { answered } from '../domain/qbank-builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { itIsMetered } from '../support/engines.ts';
import { lagMeter } from '../support/lag.ts';
import type { Fault } from '../support/faults.ts';
import { answerRow, attemptRow, completionRow, videoRow } from '../support/rows.ts';
import { deliver, type RecordInput, streamRecords } from '../support/streams.ts';

let engine: Database;
let db: Database;
const NOW = new Date('2026-11-22T11:00:00.000Z');
const STUDIED = build.outline({
  basics: [build.reading('read'), build.video('film', 1000)],
  deeper: [build.quiz('test'), build.video('lecture', 1000)],
});
const PRACTISED = build.outline({
  basics: [build.reading('read'), build.video('film', 1000)],
  deeper: [build.quiz('test'), build.video('lecture', 1000), build.qbank('drill', 2)],
});

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
});

const user = (userId: string) => build.id<UserId>(userId);

function handler(documents = db.documents, lag?: LagMeter) {
  const { tables } = db;
  const settling = { sleep: async () => {} };
  const given = { documents, tables, logger: silentLog, clock: () => NOW, settling };
  return projectProgress({ ...given, ...(lag !== undefined && { lag }) });
}

async function put(table: keyof Database['tables'], item: object) {
  await db.plain.send(new PutCommand({ TableName: db.tables[table], Item: { ...item } }));
}

/** The next BatchGet finds the rows of a table only after something else has happened: it is no snapshot. */
function readLate(table: keyof Database['tables'], meanwhile: () => Promise<unknown>) {
  let done = false;
  db.documents.middlewareStack.add(
    (next, context) => async (args) => {
      const reply = await next(args);
      if (done || context.commandName !== 'BatchGetItemCommand') return reply;
      done = true;
      await meanwhile();
      const later = await next(args);
      const [early, late] = [reply, later].map(
        ({ output }) => (output as { Responses: Record<string, unknown> }).Responses,
      );
      Object.assign(early ?? {}, { [db.tables[table]]: late?.[db.tables[table]] });
      return reply;
    },
    { step: 'initialize' },
  );
}

async function school(userIds: readonly string[], outline = STUDIED) {
  await put('courses', build.course());
  await put('courses', build.outlineRow(outline, { part: 'outline#000001' }));
  for (const userId of userIds) {
    await put('enrollments', build.enrollment({ userId: user(userId) }));
    await put('studentProgress', build.progress({ userId: user(userId), requiredItems: 4 }));
  }
}

async function standing(userId: string) {
  const [progresses, enrollments] = [await db.rows('studentProgress'), await db.rows('enrollments')];
  return {
    progress: StudentProgressRow.parse(progresses.find((row) => row.userId === userId)),
    enrollment: EnrollmentRow.parse(enrollments.find((row) => row.userId === userId)),
  };
}

function beat(videoId: string, seconds: number, over: Parameters<typeof build.watched>[2] = {}): RecordInput {
  return { table: db.tables.videoProgress, after: videoRow(build.watched(videoId, [[0, seconds]], over)) };
}

/** An answer to the question of that ordinal. */
function answer(ordinal: number, over: Parameters<typeof answered>[2] = {}): RecordInput {
  const row = answerRow(answered(`q${ordinal}`, 'a', { ordinal, ...over }));
  return { table: db.tables.qbankQuestionAttempts, after: row };
}

describe('project-progress', () => {
  it('writes studentProgress and the enrollment together when the progress changes', async () => {
    await school(['u1']);
    const after = completionRow(build.completion('basics', { causedBy: 'request-9' }));
    await deliver(handler(), streamRecords([{ table: db.tables.chapterCompletions, after }]));
    const { progress, enrollment } = await standing('u1');
    expect(progress).toMatchObject({
      totalProgress: 50,
      completedItems: 2,
      version: 2,
      causedBy: 'request-9',
    });
    expect(enrollment).toMatchObject({ progress: 50, status: 'active', version: 2, causedBy: 'request-9' });
    expect(db.faults.requests.map(({ name }) => name)).toEqual([
      'BatchGetItem',
      'BatchGetItem',
      'TransactWriteItems',
    ]);
  });

  it('takes ids that every object inherits', async () => {
    await school(
      ['u1'],
      build.outline({ constructor: [build.video('toString'), build.video('valueOf', 10)] }),
    );
    const watched = videoRow(build.watched('constructor', [[0, 5]]));
    await deliver(
      handler(),
      streamRecords([
        { table: db.tables.videoProgress, after: watched },
        { table: db.tables.chapterCompletions, after: completionRow(build.completion('constructor')) },
      ]),
    );
    expect((await standing('u1')).progress).toMatchObject({ totalProgress: 100, completedItems: 2 });
    expect(await db.rows('failures')).toEqual([]);
  });

  it('writes studentProgress alone, without a transaction, when the progress stays', async () => {
    await school(['u1']);
    await deliver(handler(), streamRecords([beat('film', 5)]));
    const { progress, enrollment } = await standing('u1');
    expect(progress.watchedVideos.film).toMatchObject({ seconds: 5, percent: 0 });
    expect(enrollment.version).toBe(1);
    expect(db.faults.requests.map(({ name }) => name)).toEqual(['BatchGetItem', 'BatchGetItem', 'PutItem']);
  });

  it('writes nothing when the facts are known, so that a repeated record causes no event', async () => {
    await school(['u1']);
    const records = streamRecords([beat('film', 500)]);
    const run = handler();
    await deliver(run, records);
    db.faults.clear();
    await deliver(run, records);
    expect(db.faults.requests.map(({ name }) => name)).toEqual(['BatchGetItem']);
    expect((await standing('u1')).progress.version).toBe(2);
  });

  it('makes a progress row that was lost anew from everything that the learner did, as news to everybody', async () => {
    await school(['u1'], PRACTISED);
    const all: RecordInput[] = [
      { table: db.tables.chapterCompletions, after: completionRow(build.completion('basics')) },
      { table: db.tables.quizAttempts, after: attemptRow(build.attempt('test', 1, 80)) },
      beat('film', 700),
      answer(3),
    ];
    const tables = ['chapterCompletions', 'quizAttempts', 'videoProgress', 'qbankQuestionAttempts'] as const;
    for (const [index, table] of tables.entries()) await put(table, all[index]?.after ?? {});
    await deliver(handler(), streamRecords(all));
    const before = await standing('u1');
    const { userId, courseId } = before.progress;
    await db.plain.send(
      new DeleteCommand({ TableName: db.tables.studentProgress, Key: { userId, courseId } }),
    );

    await deliver(handler(), streamRecords([beat('lecture', 1000, { version: 1 })]));
    const { progress, enrollment } = await standing('u1');
    expect(progress.totalProgress).toBeGreaterThan(before.progress.totalProgress ?? 0);
    expect(enrollment.progress).toBe(progress.totalProgress);
    expect(progress.version).toBeGreaterThan(before.progress.version);
    const { completedChapters, quizAttempts, answeredQuestions } = before.progress;
    expect(progress).toMatchObject({ completedChapters, quizAttempts, answeredQuestions });
    expect(Object.keys(progress.watchedVideos).sort()).toEqual(['film', 'lecture']);
  });

  it('ignores an older record that comes after a newer one', async () => {
    await school(['u1']);
    const run = handler();
    await deliver(run, streamRecords([beat('film', 500, { version: 2 })]));
    await deliver(run, streamRecords([beat('film', 100, { version: 1 })]));
    expect((await standing('u1')).progress.watchedVideos.film).toMatchObject({ seconds: 500, version: 2 });
  });

  it('completes the enrollment with the last item and keeps what was earned', async () => {
    await school(['u1']);
    const { chapterCompletions, quizAttempts } = db.tables;
    await deliver(
      handler(),
      streamRecords([
        { table: chapterCompletions, after: completionRow(build.completion('basics')) },
        { table: chapterCompletions, after: completionRow(build.completion('deeper')) },
      ]),
    );
    await deliver(
      handler(),
      streamRecords([{ table: quizAttempts, after: attemptRow(build.attempt('test', 1, 80)) }]),
    );
    const { progress, enrollment } = await standing('u1');
    expect(enrollment).toMatchObject({ progress: 100, status: 'completed', attempted: true });
    expect(enrollment.completedAt).toBe(progress.completedAt);
  });

  describe('of practice in the question bank', () => {
    const PRACTICE = build.outline({ basics: [build.reading('read')], deeper: [build.qbank('drill', 4)] });

    it('moves with an answer, by the share of the questions asked for', async () => {
      await school(['u1'], PRACTICE);
      await deliver(handler(), streamRecords([answer(9, { causedBy: 'request-9' })]));
      const { progress, enrollment } = await standing('u1');
      expect(ordinalsOf(progress.answeredQuestions)).toEqual([9]);
      expect(progress).toMatchObject({ totalProgress: 12, version: 2, causedBy: 'request-9' });
      expect(enrollment).toMatchObject({ progress: 12, version: 2, causedBy: 'request-9', attempted: false });
    });

    it('takes all answers of a batch, and other facts with them, in one transaction', async () => {
      await school(['u1'], PRACTICE);
      const read = { table: db.tables.chapterCompletions, after: completionRow(build.completion('basics')) };
      await deliver(handler(), streamRecords([answer(0), answer(7), read, answer(8), answer(64)]));
      const { progress, enrollment } = await standing('u1');
      expect(ordinalsOf(progress.answeredQuestions)).toEqual([0, 7, 8, 64]);
      expect([progress.totalProgress, progress.completedItems, progress.version]).toEqual([100, 2, 2]);
      expect(enrollment).toMatchObject({ status: 'completed', version: 2 });
      expect(db.faults.requests.filter(({ name }) => name === 'TransactWriteItems')).toHaveLength(1);
    });

    it('counts an answer once that comes twice, late, changed, or again in another test', async () => {
      await school(['u1'], PRACTICE);
      const run = handler();
      await deliver(run, streamRecords([answer(3, { version: 2, changes: 1 })]));
      await deliver(run, streamRecords([answer(20)]));
      db.faults.clear();
      const again = answer(20, { testId: build.id<TestId>('t2') });
      await deliver(
        run,
        streamRecords([answer(3), answer(3, { version: 2, changes: 1 }), again, answer(20)]),
      );
      expect(db.faults.requests.map(({ name }) => name)).toEqual(['BatchGetItem']);
      const { progress } = await standing('u1');
      expect([progress.totalProgress, progress.version]).toEqual([25, 3]);
    });

    it('keeps an answer that was made void or whose row was removed', async () => {
      await school(['u1'], PRACTICE);
      const run = handler();
      await deliver(run, streamRecords([answer(3)]));
      const { table, after } = answer(3, { version: 2, voided: true });
      await deliver(run, streamRecords([{ table, after }]));
      await deliver(run, streamRecords([{ table, before: { ...after } }]));
      const { progress } = await standing('u1');
      expect([progress.totalProgress, progress.version]).toEqual([12, 2]);
      expect(await db.rows('failures')).toEqual([]);
    });

    it('starts on a row from before there was a question bank', async () => {
      await school(['u1'], PRACTICE);
      const { answeredQuestions: _none, ...old } = build.progress({ ruleVersion: 1, requiredItems: 2 });
      await put('studentProgress', old);
      await deliver(handler(), streamRecords([answer(3)]));
      expect((await standing('u1')).progress).toMatchObject({ totalProgress: 12, ruleVersion: 2 });
    });
  });

  it.each<Fault>([
    { kind: 'conflict', write: 0 },
    { kind: 'conflict', write: 1 },
    { kind: 'stale', write: 0 },
    { kind: 'stale', write: 1 },
    { kind: 'throttled write', write: 1 },
    { kind: 'throttled' },
    { kind: 'lost' },
    { kind: '500 before' },
    { kind: '500 after' },
  ])('reads again and decides again after a fault: %o', async (fault) => {
    await school(['u1']);
    db.faults.plan(({ name, count }) => (name === 'TransactWriteItems' && count === 1 ? fault : undefined));
    const after = completionRow(build.completion('basics'));
    const calls = await deliver(handler(), streamRecords([{ table: db.tables.chapterCompletions, after }]));
    expect(calls).toBe(1);
    const { progress, enrollment } = await standing('u1');
    expect([progress.totalProgress, progress.version]).toEqual([50, 2]);
    expect([enrollment.progress, enrollment.version]).toEqual([50, 2]);
  });

  it('builds on what another writer wrote after the batch was read', async () => {
    await school(['u1']);
    db.faults.plan(async ({ name, count }) => {
      if (name !== 'TransactWriteItems' || count > 1) return undefined;
      await put('enrollments', build.enrollment({ status: 'cancelled', version: 2 }));
      return undefined;
    });
    const after = completionRow(build.completion('basics'));
    await deliver(handler(), streamRecords([{ table: db.tables.chapterCompletions, after }]));
    expect((await standing('u1')).enrollment).toMatchObject({
      status: 'cancelled',
      progress: 50,
      version: 3,
    });
  });

  it.each([
    { late: 'enrollments', version: 1, says: 'a mark that is known' },
    { late: 'studentProgress', version: 3, says: 'a mark that takes back the one between' },
  ] as const)('never parts the two rows: $late read after another write, for $says', async (given) => {
    await school(
      ['u1'],
      build.outline({ only: [build.quiz('test', { passMark: 70 }), build.video('film')] }),
    );
    const mark = (version: number, score: number) =>
      streamRecords([
        { table: db.tables.quizAttempts, after: attemptRow(build.attempt('test', 1, score, { version })) },
      ]);
    await deliver(handler(), mark(1, 50));
    readLate(given.late, () => deliver(handler(db.plain), mark(2, 80)));
    await deliver(handler(), mark(given.version, 50));
    const { progress, enrollment } = await standing('u1');
    expect(progress.totalProgress).toBe(given.version === 1 ? 50 : 0);
    expect(enrollment.progress).toBe(progress.totalProgress);
  });

  it('mends two rows that are out of step', async () => {
    await school(['u1']);
    await put('enrollments', build.enrollment({ progress: 99 }));
    await deliver(handler(), streamRecords([beat('film', 5)]));
    const { progress, enrollment } = await standing('u1');
    expect([progress.totalProgress, enrollment.progress]).toEqual([0, 0]);
  });

  it('reads again when the course row is older than the outline of the progress', async () => {
    await school(['u1']);
    const extra = build.outline({ more: [build.reading('extra')] });
    const longer = { chapters: [...STUDIED.chapters, ...extra.chapters] };
    const published = build.progress({ outlineVersion: 2, requiredItems: 5, version: 2 });
    readLate('studentProgress', async () => {
      await put('courses', build.outlineRow(longer, { part: 'outline#000002' }));
      await put('courses', build.course({ outlineVersion: 2, version: 2 }));
      await put('studentProgress', published);
    });
    await deliver(handler(), streamRecords([beat('film', 1000)]));
    expect((await standing('u1')).progress).toMatchObject({
      outlineVersion: 2,
      requiredItems: 5,
      totalProgress: 20,
    });
  });

  it('reports the lowest record of a learner that fails, and goes on with the others', async () => {
    await school(['u1', 'u2', 'u3']);
    db.faults.plan(({ name, input }) =>
      name === 'TransactWriteItems' && JSON.stringify(input).includes('"u2"')
        ? { kind: 'denied' }
        : undefined,
    );
    const records = streamRecords(
      ['u1', 'u2', 'u3', 'u2'].map((userId, index) =>
        beat(index === 3 ? 'lecture' : 'film', 900, { userId: user(userId) }),
      ),
    );
    const reply = await handler()({ Records: records });
    expect(reply.batchItemFailures).toEqual([{ itemIdentifier: records[1]?.dynamodb.SequenceNumber }]);
    expect((await standing('u3')).progress.totalProgress).toBe(25);
  });

  it('sets aside facts of a learner who was never enrolled, once, and passes them', async () => {
    await school(['u1']);
    const records = streamRecords([beat('film', 900, { userId: user('stranger') }), beat('film', 900)]);
    await deliver(handler(), records);
    await deliver(handler(), records);
    const failures = await db.rows('failures');
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({
      consumer: 'project-progress',
      reason: 'the learner of the fact was never enrolled',
    });
    expect(failures[0]?.record).toContain('stranger');
    expect((await standing('u1')).progress.totalProgress).toBe(25);
  });

  it('sets aside a malformed record and a fact whose stored rows are malformed', async () => {
    await school(['u1', 'u2']);
    await put('studentProgress', { ...build.progress({ userId: user('u2') }), completedItems: 'many' });
    const { after } = beat('film', 900);
    const broken = { table: db.tables.videoProgress, after: { ...after, intervals: 'all of it' } };
    await deliver(
      handler(),
      streamRecords([broken, beat('film', 900, { userId: user('u2') }), beat('film', 900)]),
    );
    const reasons = (await db.rows('failures')).map((row) => String(row.reason)).sort();
    expect(reasons[0]).toContain('completedItems');
    expect(reasons[1]).toBe('malformed: intervals invalid_type');
    expect((await standing('u1')).progress.totalProgress).toBe(25);
  });

  it('sets aside a malformed record that is larger than an item with its keys', async () => {
    await school(['u1']);
    const { after } = beat('film', 900);
    const [first] = streamRecords([
      {
        table: db.tables.videoProgress,
        before: { ...after },
        after: { ...after, days: ['😀'.repeat(95_000)] },
      },
    ]);
    const dynamodb = { ...first?.dynamodb, Keys: { userId: { S: 'u1' }, video: { S: 'c1#film' } } };
    await handler()({ Records: [{ ...first, dynamodb }] });
    const [failure] = await db.rows('failures');
    const record = JSON.parse(String(failure?.record)) as { dynamodb: object };
    expect(record.dynamodb).toMatchObject({ Keys: dynamodb.Keys });
    expect(record.dynamodb).not.toHaveProperty('NewImage');
  });

  itIsMetered(
    'spends at most 0.3 write units on a beat of a batch of 100 from 10 learners, 0.4 where each moves a percent',
    async () => {
      const users = Array.from({ length: 10 }, (_, index) => `learner-${index}`);
      await school(users, build.outline({ basics: [build.video('film', 10_000)] }));
      const beats = (from: number) =>
        streamRecords(
          Array.from({ length: 100 }, (_, index) => {
            const version = from + Math.floor(index / 10);
            return beat('film', version * 5, { version, userId: user(users[index % 10] ?? '') });
          }),
        );
      const run = handler(
        db.documents,
        lagMeter(db, () => NOW),
      );
      await deliver(run, beats(1));
      expect(db.faults.writeUnits() / 100).toBeLessThanOrEqual(0.3);
      db.faults.clear();
      // These bring each learner to the next percent: two rows in a transaction, 4 units a learner.
      await deliver(run, beats(15));
      expect(db.faults.writeUnits() / 100).toBeLessThanOrEqual(0.4);
    },
  );

  it('equals the pure fold of the facts, however they are delivered and wherever it fails', async () => {
    const users = ['one', 'two'] as const;
    let runs = 0;
    const fact = fc.record({
      userId: fc.constantFrom(...users),
      kind: fc.constantFrom('film', 'lecture', 'test', 'basics', 'deeper', 'gone', 'answer'),
      number: fc.integer({ min: 1, max: 3 }),
      version: fc.integer({ min: 1, max: 4 }),
    });
    const faults = fc.array(
      fc.option(
        fc.constantFrom<Fault>(
          { kind: 'conflict', write: 0 },
          { kind: 'conflict', write: 1 },
          { kind: 'stale', write: 1 },
          { kind: 'throttled' },
          { kind: 'lost' },
          { kind: '500 before' },
          { kind: '500 after' },
          { kind: 'denied' },
        ),
        { freq: 2 },
      ),
      { maxLength: 25 },
    );
    const given = fc.record({
      batches: fc.array(fc.array(fact, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      again: fc.array(fc.nat(), { maxLength: 3 }),
      faults,
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ batches, again, faults: planned }) => {
        db.faults.clear();
        runs += 1;
        const name = (userId: string) => `${userId}-${runs}`;
        await school(users.map(name), PRACTISED);
        let sent = 0;
        db.faults.plan(() => planned[sent++] ?? undefined);
        // A version of a source row says one thing only.
        const inputs = batches.map((batch) =>
          batch
            .map((each) => ({ ...each, userId: name(each.userId) }))
            .map((each) => ({ ...each, record: recordOf(each) })),
        );
        const order = [...inputs, ...again.flatMap((index) => [inputs[index % inputs.length] ?? []])];
        const run = handler();
        for (const batch of order) await deliver(run, streamRecords(batch.map(({ record }) => record)));
        for (const userId of users.map(name)) {
          const mine = inputs.flat().filter((each) => each.userId === userId);
          expect(comparable(await standing(userId))).toEqual(comparable(folded(userId, mine)));
        }
        expect(await db.rows('failures')).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

interface FactInput {
  readonly userId: string;
  readonly kind: string;
  readonly number: number;
  readonly version: number;
}

function rowOf({ userId, kind, number, version }: FactInput) {
  const over = { userId: user(userId), version };
  if (kind === 'test') {
    const score = version === 1 ? null : 20 * number + version;
    return { kind: 'attempt', row: attemptRow(build.attempt(kind, number, score, over)) } as const;
  }
  if (kind === 'basics' || kind === 'deeper') {
    return { kind: 'chapter', row: completionRow(build.completion(kind, over)) } as const;
  }
  if (kind === 'answer') {
    return { kind, row: answerRow(answered(`q${number}`, 'a', { ...over, ordinal: number * 8 })) } as const;
  }
  return { kind: 'video', row: videoRow(build.watched(kind, [[0, version * 240]], over)) } as const;
}

function recordOf(input: FactInput): RecordInput {
  const { kind, row } = rowOf(input);
  const { chapterCompletions, videoProgress, quizAttempts, qbankQuestionAttempts } = db.tables;
  const table = {
    chapter: chapterCompletions,
    video: videoProgress,
    attempt: quizAttempts,
    answer: qbankQuestionAttempts,
  }[kind];
  return { table, after: row };
}

function folded(userId: string, inputs: readonly FactInput[]) {
  const enrollment = build.enrollment({ userId: user(userId) });
  const progress = build.progress({ userId: user(userId), requiredItems: 4 });
  const rows = inputs.map(rowOf);
  if (rows.length === 0) return { enrollment, progress };
  const facts = factsOf(
    {
      chapters: rows.flatMap((each) => (each.kind === 'chapter' ? [each.row] : [])),
      videos: rows.flatMap((each) => (each.kind === 'video' ? [each.row] : [])),
      attempts: rows.flatMap((each) => (each.kind === 'attempt' ? [each.row] : [])),
      answers: rows.flatMap((each) => (each.kind === 'answer' ? [each.row] : [])),
    },
    PRACTISED,
  );
  const projection = project({
    enrollment,
    progress,
    outline: PRACTISED,
    outlineVersion: 1,
    facts,
    now: NOW.toISOString(),
    cause: build.cause,
  });
  return { enrollment, progress, ...projection };
}

/** All but what depends on how many writes it took. */
function comparable({ progress, enrollment }: { progress: object; enrollment: object }) {
  const stamp = { version: 0, updatedAt: '' };
  return {
    progress: { ...progress, ...stamp },
    enrollment: { ...enrollment, ...stamp, progressVersion: 0 },
  };
}
