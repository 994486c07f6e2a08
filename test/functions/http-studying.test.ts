import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { markedByHand, publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { failFirst, holdNext, type HttpSchool, httpSchool, refusal, sent, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  await publish(school.admin, 'c', threeChapters());
  await publish(school.admin, 'essay', markedByHand());
  await school.student('ann').call('enroll-directly', { params: { courseId: 'c' } });
  await school.student('ann').call('enroll-directly', { params: { courseId: 'essay' } });
  school.pass(60);
});

const course = { courseId: 'c' };
const chapter = { params: { ...course, chapterId: 'read' } };
const film = { ...course, videoId: 'film' };

/** Every command of a student in a course, with whatever ids. */
function commands(ids: { courseId?: string; chapterId?: string; videoId?: string; quizId?: string }) {
  const ann = school.student('ann');
  const all = { ...course, chapterId: 'read', videoId: 'film', quizId: 'quiz', attemptId: 'new', ...ids };
  const { courseId, chapterId, videoId, quizId, attemptId } = all;
  return [
    refusal(ann.call('complete-chapter', { params: { courseId, chapterId } })),
    refusal(ann.call('record-video-beat', { params: { courseId, videoId }, body: { intervals: [[0, 5]] } })),
    refusal(ann.call('submit-quiz-attempt', { params: { courseId, quizId, attemptId }, body: rightAnswers })),
  ];
}

describe('every command of a learner', () => {
  it('refuses an unknown course or item, and writes nothing', async () => {
    const before = await written(school.db);
    const refused = Array<string>(3);
    expect(await Promise.all(commands({ courseId: 'nowhere' }))).toEqual(refused.fill('course_unknown'));
    const nowhere = { chapterId: 'nowhere', videoId: 'nowhere', quizId: 'nowhere' };
    expect(await Promise.all(commands(nowhere))).toEqual(['chapter_unknown', 'item_unknown', 'item_unknown']);
    expect(await Promise.all(commands({ chapterId: 'nowhere', videoId: 'quiz', quizId: 'film' }))).toEqual([
      'chapter_unknown',
      'item_unknown',
      'item_unknown',
    ]);
    expect(await written(school.db)).toEqual(before);
  });

  it('refuses who is not enrolled or has left, and writes nothing', async () => {
    await publish(school.admin, 'other', threeChapters());
    await school.student('ann').call('unenroll', { params: course });
    const before = await written(school.db);
    const refused = Array<string>(3).fill('not_enrolled');
    expect(await Promise.all(commands({}))).toEqual(refused);
    expect(await Promise.all(commands({ courseId: 'other' }))).toEqual(refused);
    expect(await written(school.db)).toEqual(before);
  });

  it('refuses a course that is not published any more, and writes nothing', async () => {
    await school.admin.call('set-course-status', { params: course, body: { status: 'archived' } });
    const before = await written(school.db);
    expect(await Promise.all(commands({}))).toEqual(Array<string>(3).fill('course_not_published'));
    expect(await written(school.db)).toEqual(before);
  });
});

describe('completing a chapter', () => {
  it('puts one row, with one conditional write', async () => {
    const ann = school.student('ann');
    await ann.call('complete-chapter', { params: { ...course, chapterId: 'watch' } });
    school.db.faults.clear();
    const { body } = await ann.call('complete-chapter', { ...chapter, idempotencyKey: 'k' });
    expect(body).toEqual({ courseId: 'c', chapterId: 'read', completedAt: '2026-11-22T10:01:00.000Z' });
    expect(sent(school.db)).toEqual(['BatchGetItem', 'PutItem']);
    expect(await school.db.rows('chapterCompletions')).toContainEqual({
      userId: 'ann',
      completion: 'c#read',
      courseId: 'c',
      chapterId: 'read',
      completedAt: '2026-11-22T10:01:00.000Z',
      version: 1,
      updatedAt: '2026-11-22T10:01:00.000Z',
      causedBy: 'k',
      causedAt: '2026-11-22T10:01:00.000Z',
    });
  });

  it('says the same and writes nothing when it is sent again, later or at the same moment', async () => {
    const ann = school.student('ann');
    const [first, twin] = await Promise.all([
      ann.call('complete-chapter', chapter),
      ann.call('complete-chapter', chapter),
    ]);
    expect(twin.body).toEqual(first.body);
    const before = await written(school.db);
    school.pass(100);
    expect((await ann.call('complete-chapter', chapter)).body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
  });

  it('happened when the first of two devices completed it', async () => {
    const ann = school.student('ann');
    const held = holdNext(school.db, 'PutItem');
    const slow = ann.call('complete-chapter', chapter);
    await held.reached;
    school.pass(10);
    const fast = await ann.call('complete-chapter', chapter);
    held.release();
    expect((await slow).body).toEqual(fast.body);
    expect(fast.body.completedAt).toBe('2026-11-22T10:01:10.000Z');
  });

  it('says the same under its Idempotency-Key after leaving', async () => {
    const ann = school.student('ann');
    const first = await ann.call('complete-chapter', { ...chapter, idempotencyKey: 'k' });
    await ann.call('unenroll', { params: course });
    expect((await ann.call('complete-chapter', { ...chapter, idempotencyKey: 'k' })).body).toEqual(
      first.body,
    );
    expect(await refusal(ann.call('complete-chapter', chapter))).toBe('not_enrolled');
  });
});

describe('a beat of a video', () => {
  const beat = (body: { intervals?: [number, number][]; positionSeconds?: number; playbackId?: string }) =>
    school.student('ann').call('record-video-beat', { params: film, body });

  it('adds what was played and says what the video stands at', async () => {
    await beat({ intervals: [[0, 4]] });
    const { body } = await beat({ intervals: [[3, 8]] });
    expect(body).toEqual({
      videoId: 'film',
      intervals: [[0, 8]],
      watchedSeconds: 8,
      percent: 80,
      completed: false,
      positionSeconds: 8,
      cutSeconds: 0,
      version: 2,
    });
    expect((await beat({ intervals: [[8, 9]] })).body).toMatchObject({ percent: 100, completed: true });
  });

  it('loses nothing of two devices that send at the same moment', async () => {
    await Promise.all([
      beat({ intervals: [[0, 3]], playbackId: 'tv' }),
      beat({ intervals: [[5, 7]], playbackId: 'phone' }),
      beat({ intervals: [[2, 4]], playbackId: 'pad' }),
    ]);
    const [row] = await school.db.rows('videoProgress');
    expect(row).toMatchObject({
      intervals: [
        [0, 4],
        [5, 7],
      ],
      version: 3,
    });
  });

  it('writes nothing where it tells nothing new', async () => {
    const first = await beat({ intervals: [[0, 4]] });
    const before = await written(school.db);
    school.pass(5);
    expect((await beat({ intervals: [[0, 4]] })).body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
    expect(await school.db.rows('videoProgress')).toHaveLength(1);
  });

  it('is worth the same when it is sent again under its key, however much time has passed', async () => {
    await publish(school.admin, 'long', threeChapters(longFilm));
    const ann = school.student('ann');
    await ann.call('enroll-directly', { params: { courseId: 'long' } });
    const send = () =>
      ann.call('record-video-beat', {
        params: { courseId: 'long', videoId: 'film' },
        body: { intervals: [[0, 100]] },
        idempotencyKey: 'beat-1',
      });
    const first = await send();
    expect(first.body).toMatchObject({ watchedSeconds: 15, cutSeconds: 85, version: 1 });
    school.pass(1000);
    expect((await send()).body).toEqual(first.body);
  });

  it('is refused under the key of another beat, and is not lost silently', async () => {
    const keyed = (body: { intervals?: [number, number][]; positionSeconds?: number }) =>
      school.student('ann').call('record-video-beat', { params: film, body, idempotencyKey: 'session' });
    await keyed({ intervals: [[0, 4]] });
    const before = await written(school.db);
    expect(await refusal(keyed({ intervals: [[4, 8]] }))).toBe('key_reused');
    expect(await refusal(keyed({ positionSeconds: 3 }))).toBe('key_reused');
    expect(await written(school.db)).toEqual(before);
  });

  it('is known under its key although it ran over the end of the video', async () => {
    const keyed = () =>
      school
        .student('ann')
        .call('record-video-beat', { params: film, body: { intervals: [[0, 10.8]] }, idempotencyKey: 'k' });
    expect((await keyed()).body).toMatchObject({ positionSeconds: 10, completed: true });
    expect((await keyed()).body).toMatchObject({ positionSeconds: 10, completed: true, version: 1 });
  });

  it.each(['lost', '500 after'] as const)('is worth the same when its reply is %s', async (kind) => {
    await publish(school.admin, 'long', threeChapters(longFilm));
    const ann = school.student('ann');
    await ann.call('enroll-directly', { params: { courseId: 'long' } });
    failFirst(school.db, 'PutItem', { kind });
    const { body } = await ann.call('record-video-beat', {
      params: { courseId: 'long', videoId: 'film' },
      body: { intervals: [[0, 100]] },
    });
    expect(body).toMatchObject({ watchedSeconds: 15, cutSeconds: 85, version: 1 });
    expect(sent(school.db).filter((name) => name === 'PutItem')).toHaveLength(1);
  });

  it('decides again on what another device has written in between', async () => {
    failFirst(school.db, 'PutItem', { kind: 'stale', write: 0 });
    expect((await beat({ intervals: [[0, 4]] })).body).toMatchObject({ intervals: [[0, 4]], version: 1 });
    expect(sent(school.db).filter((name) => name === 'PutItem')).toHaveLength(2);
  });

  it('is refused backwards or beyond the video, and writes nothing', async () => {
    const before = await written(school.db);
    expect(await refusal(beat({ intervals: [[5, 2]] }))).toBe('interval_invalid');
    expect(await refusal(beat({ intervals: [[0, 12]] }))).toBe('interval_invalid');
    expect(await refusal(beat({ positionSeconds: 12 }))).toBe('interval_invalid');
    expect(await written(school.db)).toEqual(before);
  });

  it('keeps attributes of the row that it does not know', async () => {
    await beat({ intervals: [[0, 1]] });
    const [row] = await school.db.rows('videoProgress');
    const { PutCommand } = await import('@aws-sdk/lib-dynamodb');
    await school.db.plain.send(
      new PutCommand({ TableName: school.db.tables.videoProgress, Item: { ...row, later: 'kept' } }),
    );
    await beat({ intervals: [[1, 2]] });
    expect(await school.db.rows('videoProgress')).toMatchObject([{ later: 'kept', version: 2 }]);
  });
});

const longFilm = {
  outline: {
    chapters: [
      {
        chapterId: 'watch',
        title: 'Watch',
        items: [{ kind: 'video' as const, itemId: 'film', title: 'Film', durationSeconds: 1000 }],
      },
    ],
  },
};
