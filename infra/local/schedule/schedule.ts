import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type AsyncInvocation, keepFailedEvent } from '../lambda/async-invocation.ts';
import type { InvokeResult } from '../lambda/invocation.ts';
import type { Resource } from '../template/resource.ts';
import { parseScheduleExpression, type ScheduleTimes } from './schedule-expression.ts';
import { createDeliveryClock, type DeliveryClock } from '../streams/stream-clock.ts';

/** An AWS::Scheduler::Schedule that invokes a function. */
export interface Schedule {
  readonly logicalId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly times: ScheduleTimes;
  readonly functionArn: string;
  readonly functionName: string;
  /** JSON text, with Scheduler's context attributes still in it. */
  readonly input: string;
}

const propertiesSchema = z.object({
  Name: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.object({
    Arn: z.string().includes(':function:', { error: 'only functions can be targets here' }),
    Input: z.string().default('{}'),
  }),
});

/** Reads an AWS::Scheduler::Schedule; rates count from `start`. Throws, naming the resource, for what AWS would refuse. */
export function parseSchedule(resource: Resource, start: Date): Schedule {
  const parsed = propertiesSchema.safeParse(resource.properties);
  if (!parsed.success) {
    throw new Error(`${resource.logicalId} is not a usable schedule: ${z.prettifyError(parsed.error)}`);
  }
  const { Name, ScheduleExpression, ScheduleExpressionTimezone, State, Target } = parsed.data;
  return {
    logicalId: resource.logicalId,
    name: Name ?? resource.logicalId,
    enabled: State === 'ENABLED',
    times: parseScheduleExpression(ScheduleExpression, ScheduleExpressionTimezone, start),
    functionArn: Target.Arn,
    functionName: Target.Arn.split(':function:').at(-1) ?? '',
    input: Target.Input,
  };
}

/** Running schedules. */
export interface Scheduler {
  /** Fires a schedule now, also a disabled one, with its retries. Resolves to the last answer. */
  fireNow(name: string): Promise<InvokeResult>;
  /** Invocations under way, of fireNow too. */
  running(): number;
  /** No further firing or retry; resolves after the invocations under way. */
  stop(): Promise<void>;
}

/** How to run schedules. */
export interface SchedulerOptions {
  readonly schedules: readonly Schedule[];
  /** Invokes the function of this name. */
  readonly invoke: (functionName: string, event: unknown) => Promise<InvokeResult>;
  /**
   * How Lambda treats the events of the function of this name. Scheduler hands over and is done: its own retries
   * and dead-letter queue are for what it cannot hand over, which does not happen here.
   */
  readonly asyncInvocationOf: (functionName: string) => AsyncInvocation;
  /** Records for a failure destination go to `<failureFolder>/<its name>/`. */
  readonly failureFolder: string;
  /** Pause before the first retry, in milliseconds (default 1000; a minute on Lambda); doubles. */
  readonly retryDelayMs?: number;
  readonly onFailure?: (schedule: Schedule, result: InvokeResult, file: string | undefined) => void;
  readonly clock?: DeliveryClock;
}

/** setTimeout takes no more than this many milliseconds. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** Starts all enabled schedules. Times that pass while the runtime is not up are not made up for. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const clock = options.clock ?? createDeliveryClock();
  const stopping = new AbortController();
  const firing = new Set<Promise<InvokeResult>>();

  function fire(schedule: Schedule, at: Date): Promise<InvokeResult> {
    const run = deliver(schedule, at).finally(() => firing.delete(run));
    firing.add(run);
    return run;
  }

  async function deliver(schedule: Schedule, at: Date): Promise<InvokeResult> {
    const lambda = options.asyncInvocationOf(schedule.functionName);
    const event = readInput(schedule, at);
    for (let attempt = 1; ; attempt += 1) {
      const result = await options
        .invoke(schedule.functionName, event)
        .catch((error: unknown): InvokeResult => ({
          ok: false,
          errorType: 'InvokeFailed',
          errorMessage: String(error),
          timedOut: false,
        }));
      if (result.ok || stopping.signal.aborted) return result;
      const old = clock.now() - at.getTime() > lambda.maximumEventAgeInSeconds * 1000;
      if (attempt > lambda.maximumRetryAttempts || old) {
        const condition = old ? 'EventAgeExceeded' : 'RetriesExhausted';
        const { functionArn } = schedule;
        const { failureDestinationArn: destination } = lambda;
        const failed = { functionArn, event, result, condition, invokeCount: attempt } as const;
        const file =
          destination === undefined
            ? undefined
            : await keepFailedEvent(options.failureFolder, destination, failed, new Date(clock.now()));
        options.onFailure?.(schedule, result, file);
        return result;
      }
      await clock.sleep((options.retryDelayMs ?? 1000) * 2 ** (attempt - 1), stopping.signal);
      if (stopping.signal.aborted) return result;
    }
  }

  async function run(schedule: Schedule): Promise<void> {
    for (let after = new Date(clock.now()); ;) {
      const next = schedule.times.next(after);
      if (next === undefined) return;
      while (clock.now() < next.getTime()) {
        await clock.sleep(Math.min(next.getTime() - clock.now(), LONGEST_SLEEP_MS), stopping.signal);
        if (stopping.signal.aborted) return;
      }
      void fire(schedule, next);
      after = new Date(Math.max(next.getTime(), clock.now()));
    }
  }

  const loops = options.schedules.filter(({ enabled }) => enabled).map((schedule) => run(schedule));

  return {
    fireNow(name) {
      const schedule = options.schedules.find((candidate) => candidate.name === name);
      if (schedule === undefined) throw new Error(`The template has no schedule ${name}`);
      return fire(schedule, new Date(clock.now()));
    },
    running: () => firing.size,
    async stop() {
      stopping.abort();
      await Promise.all([...loops, ...firing]);
    },
  };
}

/** Fills in `<aws.scheduler.…>`; input that is not JSON is handed over as text. */
function readInput(schedule: Schedule, at: Date): unknown {
  const text = schedule.input
    .replaceAll('<aws.scheduler.schedule-arn>', arnOf(schedule))
    .replaceAll('<aws.scheduler.scheduled-time>', wholeSeconds(at))
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', '1');
  try {
    const event: unknown = JSON.parse(text);
    return event;
  } catch {
    return text;
  }
}

function arnOf(schedule: Schedule): string {
  const [, , , region = '', account = ''] = schedule.functionArn.split(':');
  return `arn:aws:scheduler:${region}:${account}:schedule/default/${schedule.name}`;
}

function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
