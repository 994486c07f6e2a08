import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { onAdminChange, onStudentChange } from '../../shared/contracts/topics.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { connectProbe, type Probe } from '../support/realtime-probe.ts';
import { startSchool, type TestSchool } from '../support/school.ts';

const course = { courseId: 'timed' };
const LEARNERS = 25;

/** In milliseconds. What led to it was written at an unknown moment between the command and its reply. */
interface Lag {
  readonly fromCommand: number;
  readonly fromReply: number;
}

interface Lags {
  readonly derived: Lag[];
  readonly published: Lag[];
}

const median = (all: readonly number[]) =>
  all.toSorted((one, other) => one - other)[Math.ceil(all.length / 2) - 1] ?? NaN;

/** Resolves to when the learner's row says what the command led to. */
async function derivedAt(school: TestSchool, userId: string): Promise<number> {
  for (;;) {
    const Key = { userId, ...course };
    const { Item } = await school.documents.send(
      new GetCommand({ TableName: 'studentProgress', Key, ConsistentRead: true }),
    );
    if (Number(Item?.completedItems) > 0) return Date.now();
  }
}

/** Resolves to when the learner is told of progress. */
async function toldAt(probe: Probe): Promise<number> {
  for (;;) {
    const frame = await probe.next();
    if (JSON.stringify(frame).includes('studentProgress')) return Date.now();
  }
}

/**
 * Learners complete a chapter, one after the other, while somebody outside watches the row and the subscription.
 */
async function watchedFromOutside(school: TestSchool, milliseconds: number): Promise<Lags> {
  await publish(await school.admin(), course.courseId, threeChapters());
  const learners = Array.from({ length: LEARNERS }, (_, index) => `learner-${index}`);
  const clients = await Promise.all(learners.map((userId) => school.student(userId)));
  for (const client of clients) await client.call('enroll-directly', { params: course });
  // Whatever has to start has started: what a first call costs is no lag of the school.
  await clients[0]?.call('complete-chapter', { params: { ...course, chapterId: 'read' } });
  await school.quiet();
  if (milliseconds > 0) {
    school.stack.gate.faults.inject({
      match: { function: 'lockstep-project-progress', operation: 'TransactWriteItems' },
      fault: { kind: 'delay', milliseconds },
      times: Infinity,
    });
  }
  const outside: Lags = { derived: [], published: [] };
  for (const [index, client] of clients.entries()) {
    const userId = learners[index] ?? '';
    if (index === 0) continue;
    const probe = await connectProbe(school.graphqlUrl, await school.token(userId));
    probe.start('watch', onStudentChange, { userId });
    expect(await probe.next()).toMatchObject({ type: 'start_ack' });
    const sent = Date.now();
    const command = client.call('complete-chapter', { params: { ...course, chapterId: 'read' } });
    const [derived, told, replied] = await Promise.all([
      derivedAt(school, userId),
      toldAt(probe),
      command.then(() => Date.now()),
    ]);
    const lagAt = (time: number): Lag => ({ fromCommand: time - sent, fromReply: time - replied });
    outside.derived.push(lagAt(derived));
    outside.published.push(lagAt(told));
    probe.socket.close();
  }
  await school.quiet();
  await school.stack.schedules.fireNow('lockstep-measure-health');
  return outside;
}

async function measured(school: TestSchool) {
  const { body } = await (await school.admin()).call('get-sync-health');
  const progress = body.flows.find(({ name }) => name === 'progress');
  if (progress === undefined) throw new Error('Nothing was measured');
  return { derived: progress.derived.minutes, published: progress.published.minutes };
}

/** The medians of both stages, seen from outside and told by sync health. */
async function compared(school: TestSchool, milliseconds: number) {
  const outside = await watchedFromOutside(school, milliseconds);
  const inside = await measured(school);
  return (['derived', 'published'] as const).map((stage) => {
    const { p50, events } = inside[stage];
    const least = median(outside[stage].map(({ fromReply }) => fromReply));
    const most = median(outside[stage].map(({ fromCommand }) => fromCommand));
    console.log(
      `${milliseconds} ms added, ${stage}: p50 ${least} to ${most} ms from outside, ${p50} ms of ${events} by sync health`,
    );
    return { least, most, told: p50 ?? NaN, events };
  });
}

async function inSchool(
  options: Parameters<typeof startSchool>[0],
  work: (school: TestSchool) => Promise<void>,
) {
  const school = await startSchool(options);
  try {
    await work(school);
  } finally {
    await school.stack.stop();
  }
}

describe('Sync health', () => {
  it('tells the lag that an outside observer measures, within 20 %', async () => {
    await inSchool({}, async (school) => {
      for (const { least, most, told, events } of await compared(school, 400)) {
        expect(events).toBeGreaterThan(LEARNERS / 3);
        expect(told / least).toBeGreaterThan(0.8);
        expect(told / most).toBeLessThan(1.2);
      }
    });
  });

  it('tells admins, subscribers and CloudWatch the same', async () => {
    const lines: string[] = [];
    await inSchool({ onFunctionLog: ({ line }) => lines.push(line) }, async (school) => {
      const probe = await connectProbe(school.graphqlUrl, await school.token('the-admin', ['admin']));
      probe.start('watch', onAdminChange);
      // At this pace the way of the command itself is a good part of what is seen from outside: too much to compare.
      for (const { events } of await compared(school, 0)) expect(events).toBeGreaterThan(0);
      await school.quiet();

      const { body } = await (await school.admin()).call('get-sync-health');
      const { derived, score } = body.flows.find(({ name }) => name === 'progress')!;
      /** Each push says what changed. */
      const pushed = () =>
        probe.frames
          .flatMap(({ payload }) => payload?.data?.onAdminChange?.rows ?? [])
          .filter(({ table }: { table: string }) => table === 'health')
          .map(({ values }: { values: string }) => JSON.parse(values) as Record<string, number>)
          .reduce((all, values) => ({ ...all, ...values }), {});
      await expect.poll(pushed).toMatchObject({
        score: body.score,
        'progress.derived.p50': Number(derived.minutes.p50?.toPrecision(2)),
      });
      const metrics = lines
        .filter((line) => line.includes('CloudWatchMetrics'))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ Flow }) => Flow === 'progress')
        .at(-1);
      expect(metrics).toMatchObject({
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [{ Namespace: 'Lockstep', Dimensions: [['Flow']] }],
        },
        DerivedP50: derived.minutes.p50,
        Events: derived.minutes.events,
        Score: score,
      });
      probe.socket.close();
    });
  });
});
