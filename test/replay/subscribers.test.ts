import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { percentile } from '../../commands/replay/figures.ts';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { startSchool, type TestSchool } from '../support/school.ts';
import { startSubscribers, type Listen, type Subscribers } from '../support/subscribers.ts';

const IDLE = 1000;
/** Of the idle: admins, who hear of everything. The others are students who do nothing. */
const ADMINS = 50;
const ACTIVE = 100;
/** What each active student does, with a rest between. The first of them warm the machine up. */
const ACTIONS = 12;
const WARM_UP = 4;
const REST_MS = 4000;

const params = { courseId: 'busy' };

/** Bytes in use of this process, which the school runs in. */
function heapBytes(): number {
  setFlagsFromString('--expose_gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}

describe('A thousand who look on while a hundred study', () => {
  let school: TestSchool;
  let subscribers: Subscribers;
  /** The events of each topic: a student's id, or `admin`. */
  const published = new Map<string, Set<string>>();

  beforeAll(async () => {
    school = await startSchool();
    subscribers = startSubscribers();
    const { realtime } = school.stack;
    const original = realtime.publish;
    realtime.publish = (fieldName, value) => {
      const { eventId, userId = 'admin' } = value as { eventId: string; userId?: string };
      published.set(userId, (published.get(userId) ?? new Set()).add(eventId));
      original(fieldName, value);
    };
    await publish(await school.admin(), params.courseId, threeChapters());
    // What they measure each minute is told to admins, and `quiet` does not wait for it.
    await school.stack.schedules.stop();
    await school.quiet();
  });
  afterAll(async () => {
    subscribers.stop();
    await school.stack.stop();
  });

  async function study(userId: string, from: number, to: number, restMs: number): Promise<void> {
    const student = await school.student(userId);
    const film = { params: { ...params, videoId: 'film' } };
    for (let index = from; index < to; index += 1) {
      await sleep(restMs * (0.5 + Math.random()));
      if (index === 0) await student.call('enroll-directly', { params });
      else if (index % 4 === 1)
        await student.call('put-student-profile', { body: { name: `${userId} ${index}` } });
      else if (index % 4 === 2) {
        const second = index / 2;
        await student.call('record-video-beat', { ...film, body: { intervals: [[second, second + 0.9]] } });
      } else {
        const quiz = { ...params, quizId: 'quiz', attemptId: `try-${index}` };
        await student.call('submit-quiz-attempt', { params: quiz, body: rightAnswers });
      }
    }
  }

  /** The lags of these subscribers since so many of each were counted. */
  const lagsOf = async (ids: ReadonlySet<number>) => {
    const { heard } = await subscribers.report();
    return heard.filter(({ id }) => ids.has(id)).flatMap(({ lags }) => lags);
  };

  it('miss nothing, and the memory stays as it is', async () => {
    const url = school.graphqlUrl;
    // One student alone, for comparison.
    const alone = { id: 0, url, token: await school.token('alone'), userId: 'alone' };
    await subscribers.listen([alone]);
    await study('alone', 0, ACTIONS, 100);
    await school.quiet();
    // Without those for which functions had to start.
    const unloaded = percentile((await lagsOf(new Set([0]))).slice(WARM_UP), 0.5) ?? 0;

    const adminToken = await school.token('the-admin', ['admin']);
    const who: Listen[] = [];
    for (let id = 1; id <= IDLE + ACTIVE; id += 1) {
      const userId = id <= IDLE ? `idle-${id}` : `active-${id}`;
      if (id <= ADMINS) who.push({ id, url, token: adminToken });
      else who.push({ id, url, token: await school.token(userId), userId });
    }
    await subscribers.listen(who);
    expect(school.stack.realtime.connectionCount).toBe(IDLE + ACTIVE + 1);
    // What admins hear from here on; what `alone` did is over.
    published.get('admin')?.clear();

    const active = who.filter(({ id }) => id > IDLE);
    const everyone = (from: number, to: number) =>
      Promise.all(active.map(({ userId = '' }) => study(userId, from, to, REST_MS)));
    await everyone(0, WARM_UP);
    await school.quiet();
    const warm = heapBytes();
    await everyone(WARM_UP, ACTIONS);
    await school.quiet();
    const end = heapBytes();

    const total = (): number =>
      who.reduce((sum, { userId = 'admin' }) => sum + (published.get(userId)?.size ?? 0), 0);
    const heardSoFar = async (): Promise<number> =>
      (await subscribers.report()).heard
        .filter(({ id }) => id > 0)
        .reduce((sum, one) => sum + one.eventIds.length, 0);
    await expect.poll(heardSoFar, { timeout: 60_000, interval: 500 }).toBe(total());

    const { heard, troubles } = await subscribers.report();
    const byId = new Map(heard.map((one) => [one.id, one]));
    for (const { id, userId = 'admin' } of who) {
      const expected = [...(published.get(userId) ?? [])];
      expect([...(byId.get(id)?.eventIds ?? [])].sort(), `${userId}, ${id}`).toEqual(expected.sort());
    }
    expect(troubles).toBe(0);
    for (const { userId = '' } of active) expect(published.get(userId)?.size ?? 0).toBeGreaterThan(0);

    const own = await lagsOf(new Set(active.map(({ id }) => id)));
    const admins = await lagsOf(new Set(who.filter(({ id }) => id <= ADMINS).map(({ id }) => id)));
    const ms = (lags: readonly number[], share: number) => Math.round(percentile(lags, share) ?? 0);
    const mb = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
    console.log(
      `${total()} deliveries of ${published.get('admin')?.size} events to ${ADMINS} admins and of ${own.length} to ` +
        `${ACTIVE} students, none missed. From the change: p50 ${ms(own, 0.5)} ms, p99 ${ms(own, 0.99)} ms for students, ` +
        `p50 ${ms(admins, 0.5)} ms, p99 ${ms(admins, 0.99)} ms for admins; p50 ${Math.round(unloaded)} ms with one ` +
        `student and nobody else. Heap ${mb(warm)} after warming up, ${mb(end)} in the end.`,
    );
    expect(end / warm).toBeLessThan(1.5);
    // A queue that grew would be at a hundred times.
    expect(ms(own, 0.5) / Math.max(unloaded, 20)).toBeLessThan(25);
  }, 900_000);
});
