import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asyncInvocationOf } from '../../infra/local/lambda/async-invocation.ts';
import type { InvokeResult } from '../../infra/local/lambda/invocation.ts';
import { parseSchedule, type Scheduler, startScheduler } from '../../infra/local/schedule/schedule.ts';
import { parseScheduleExpression } from '../../infra/local/schedule/schedule-expression.ts';
import type { SynthesisedTemplate } from '../../infra/local/template/resource.ts';
import { functionError, HASTY_CLOCK, success } from './stream-support.ts';

const START = new Date('2026-03-04T10:00:00Z');

function nextOf(expression: string, timeZone = 'UTC', after = START): string | undefined {
  return parseScheduleExpression(expression, timeZone, START).next(after)?.toISOString();
}

describe('a schedule expression', () => {
  it.each([
    ['rate(5 minutes)', '2026-03-04T10:05:00.000Z'],
    ['rate(1 hour)', '2026-03-04T11:00:00.000Z'],
    ['rate(2 days)', '2026-03-06T10:00:00.000Z'],
    ['cron(0 3 * * ? *)', '2026-03-05T03:00:00.000Z'],
    ['cron(15 10 ? * 5 *)', '2026-03-05T10:15:00.000Z'],
    ['cron(15 10 ? * THU *)', '2026-03-05T10:15:00.000Z'],
    ['cron(0/20 * * * ? *)', '2026-03-04T10:20:00.000Z'],
    ['cron(0 0 L * ? *)', '2026-03-31T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2030)', '2030-01-01T00:00:00.000Z'],
    ['at(2026-03-04T12:30:00)', '2026-03-04T12:30:00.000Z'],
    ['at(2026-03-04T09:30:00)', undefined],
  ])('%s comes next at %s', (expression, expected) => {
    expect(nextOf(expression)).toBe(expected);
  });

  it('is in its time zone, and a rate keeps its rhythm', () => {
    expect(nextOf('cron(0 3 * * ? *)', 'America/New_York')).toBe('2026-03-05T08:00:00.000Z');
    expect(nextOf('at(2026-03-04T12:30:00)', 'Europe/Berlin')).toBe('2026-03-04T11:30:00.000Z');
    expect(nextOf('rate(5 minutes)', 'UTC', new Date('2026-03-04T10:12:00Z'))).toBe(
      '2026-03-04T10:15:00.000Z',
    );
  });

  it.each([
    'rate(0 minutes)',
    'rate(5 weeks)',
    'cron(0 3 * * *)',
    'cron(0 3 * * * *)',
    'at(tomorrow)',
    'daily',
  ])('is refused as %s', (expression) => {
    expect(() => nextOf(expression)).toThrow(expression);
  });
});

describe('a schedule', () => {
  let folder: string;
  let scheduler: Scheduler | undefined;
  let calls: { name: string; event: unknown }[];
  let eventInvokeConfig: Record<string, unknown> | undefined;

  beforeEach(async () => {
    eventInvokeConfig = undefined;
    folder = await mkdtemp(path.join(tmpdir(), 'lockstep-schedule-'));
    calls = [];
  });
  afterEach(async () => {
    await scheduler?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function scheduleOf(properties: object = {}, target: object = {}) {
    return parseSchedule(
      {
        logicalId: 'Nightly',
        type: 'AWS::Scheduler::Schedule',
        properties: {
          ScheduleExpression: 'rate(1 minute)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: 'arn:aws:lambda:us-east-1:000000000000:function:reconcile',
            RoleArn: 'arn:aws:iam::000000000000:role/Scheduler',
            Input: '{"at":"<aws.scheduler.scheduled-time>"}',
            ...target,
          },
          ...properties,
        },
      },
      START,
    );
  }

  /** Time that passes only by sleeping. */
  function sleepyClock() {
    let now = START.getTime();
    return {
      ...HASTY_CLOCK,
      now: () => now,
      sleep: async (ms: number, signal: AbortSignal) => {
        await HASTY_CLOCK.sleep(ms, signal);
        now += ms;
      },
    };
  }

  function template(): SynthesisedTemplate {
    const properties = { FunctionName: 'reconcile', Qualifier: '$LATEST', ...eventInvokeConfig };
    const config = { logicalId: 'Config', type: 'AWS::Lambda::EventInvokeConfig', properties };
    return {
      stackName: 'Lockstep',
      resources: (type) => (eventInvokeConfig !== undefined && type === config.type ? [config] : []),
      resource: () => config,
      assetPath: () => '',
    };
  }

  function run(schedule = scheduleOf(), answer: () => InvokeResult = () => success(), onCall?: () => void) {
    scheduler = startScheduler({
      schedules: [schedule],
      asyncInvocationOf: (name) => asyncInvocationOf(template(), name),
      failureFolder: folder,
      clock: sleepyClock(),
      invoke: (name, event) => {
        calls.push({ name, event });
        onCall?.();
        return Promise.resolve(answer());
      },
    });
    return scheduler;
  }

  it('invokes its function with its input at each of its times', async () => {
    await new Promise<void>((resolve) => {
      run(scheduleOf(), undefined, () => {
        if (calls.length === 3) resolve();
      });
    });
    expect(calls.slice(0, 3)).toEqual(
      ['10:01', '10:02', '10:03'].map((time) => ({
        name: 'reconcile',
        event: { at: `2026-03-04T${time}:00Z` },
      })),
    );
  });

  it('does not fire by itself when it is disabled, but when told to', async () => {
    run(scheduleOf({ State: 'DISABLED' }));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(calls).toEqual([]);
    expect(await scheduler?.fireNow('Nightly')).toEqual({ ok: true, payload: null });
    expect(calls).toEqual([{ name: 'reconcile', event: { at: '2026-03-04T10:00:00Z' } }]);
  });

  it('is tried twice more when its function fails, and its event is then lost', async () => {
    const DeadLetterConfig = { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' };
    run(scheduleOf({ State: 'DISABLED' }, { DeadLetterConfig }), functionError);
    expect(await scheduler?.fireNow('Nightly')).toMatchObject({ ok: false });
    expect(calls).toHaveLength(3);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['arn:aws:sqs:us-east-1:000000000000:dead', 'dead'],
    ['arn:aws:s3:::bucket', 'bucket/aws/lambda/async/reconcile/2026/03/04'],
  ])('leaves a failed event at the destination of its function, %s', async (Destination, keys) => {
    eventInvokeConfig = { MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination } } };
    run(scheduleOf({ State: 'DISABLED' }), functionError);
    await scheduler?.fireNow('Nightly');
    expect(calls).toHaveLength(2);
    const [file = ''] = await readdir(path.join(folder, keys));
    expect(JSON.parse(await readFile(path.join(folder, keys, file), 'utf8'))).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
      requestPayload: { at: '2026-03-04T10:00:00Z' },
      responsePayload: { errorType: 'Error' },
    });
  });

  it('is refused when its target is no function, or when nobody knows it', () => {
    expect(() => scheduleOf({}, { Arn: 'arn:aws:sqs:us-east-1:0:q' })).toThrow(
      'Nightly is not a usable schedule',
    );
    expect(() => run().fireNow('Other')).toThrow('Other');
  });
});
