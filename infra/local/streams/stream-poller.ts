import { createFailureDestination } from './failure-destination.ts';
import type { InvokeResult } from '../lambda/invocation.ts';
import type { StreamsApi } from './stream-api.ts';
import { createCheckpointStore } from './stream-checkpoint.ts';
import { createDeliveryClock, type DeliveryClock } from './stream-clock.ts';
import type { DeliveryMode, PollerEvent } from './stream-delivery.ts';
import { createLane } from './stream-lane.ts';
import type { StreamMapping } from './stream-mapping.ts';
import type { EventImage, StreamEventRecord } from './stream-records.ts';
import { type Intercept, ShardWalk } from './stream-shards.ts';

/** How to run one event source mapping. */
export interface StreamPollerOptions {
  readonly mapping: StreamMapping;
  readonly streams: StreamsApi;
  /** Invokes the mapping's function. */
  readonly invoke: (event: { readonly Records: readonly StreamEventRecord[] }) => Promise<InvokeResult>;
  /** Files for S3 destinations go to `<failureFolder>/<bucket>/aws/lambda/...`. */
  readonly failureFolder: string;
  /** Whether the function's role allows the action on the stream. Without it everything is allowed. */
  readonly authorise?: (action: string, streamArn: string) => boolean;
  /**
   * `twice`: each batch is handed over twice in succession. `shuffled`: that, records come in any order that keeps
   * the one of each item, and processed batches come again after newer ones. Both stay within what AWS may do.
   */
  readonly delivery?: DeliveryMode;
  /** Decides the pauses, and what `shuffled` holds back and repeats. Without it they differ from run to run. */
  readonly seed?: number;
  /** Pause between polls that find nothing, in milliseconds (default 250, as Lambda). */
  readonly pollIntervalMs?: number;
  /**
   * Most time between the starts of two polls that find records, in milliseconds (default 0). A wake after a
   * quiet while polls at once; the longer traffic goes on, the longer records gather before the next poll, up to
   * this, as they do between Lambda's four polls a second.
   */
  readonly longestGapMs?: number;
  /** Caps the batching window of the template, in milliseconds. */
  readonly maxBatchingWindowMs?: number;
  /** Longest pause between attempts, in milliseconds (default 1000). */
  readonly maxBackoffMs?: number;
  /** Keeps the position in `<checkpointFolder>/<logicalId>.json`; without it every start reads all records. */
  readonly checkpointFolder?: string;
  readonly intercept?: Intercept;
  /** Whether TTL removed this row, where the engine's record cannot say so. */
  readonly isSwept?: (tableName: string, oldImage: EventImage) => boolean;
  readonly onEvent?: (event: PollerEvent) => void;
  readonly clock?: DeliveryClock;
}

/** A running event source mapping. */
export interface StreamPoller {
  readonly mapping: StreamMapping;
  /** Polls now. To be called after each write to the table. */
  wake(): void;
  /** Records read and not finished, and redeliveries under way. */
  waiting(): number;
  /** True when nothing is waiting and a poll begun after the last `wake` saw the end of every shard. */
  idle(): boolean;
  /** Why polling or setting aside fails at present, as Lambda shows it in LastProcessingResult. */
  readonly problem: string | undefined;
  /** Begins a new poll, with a look for new shards. True when it saw the end of every shard. */
  pollNow(): Promise<boolean>;
  /** Resolves when nothing is waiting. */
  drained(): Promise<void>;
  /** Grows with each wake, read, finished record and redelivery: equal twice means nothing happened between. */
  activity(): number;
  /** Ends polling and retries, waits for the invocations under way, saves the position. */
  stop(): Promise<void>;
}

/** Rounds without a look for new shards; a closed shard brings one at once. */
const ROUNDS_PER_DISCOVERY = 40;

/** After one poll that found records; doubles with each further one. */
const FIRST_GAP_MS = 20;

/** Starts polling at once. Errors of the engine are a `problem`, and polling goes on. */
export function startStreamPoller(options: StreamPollerOptions): StreamPoller {
  const { mapping } = options;
  const clock = options.clock ?? createDeliveryClock(options.seed);
  const stopping = new AbortController();
  const checkpoints = createCheckpointStore(options.checkpointFolder, mapping.logicalId);
  const destination = createFailureDestination(mapping, options.failureFolder, () => clock.now());
  const requests: ((atEnd: boolean) => void)[] = [];
  const drains: (() => void)[] = [];
  let waiting = 0;
  let activity = 0;
  let wakes = 0;
  let endSeenAtWake = -1;
  let pollProblem: string | undefined;
  let destinationProblem: string | undefined;
  let nudged = false;
  let pause = new AbortController();

  function onEvent(event: PollerEvent): void {
    if (event.kind === 'problem') destinationProblem = event.text;
    if (event.kind === 'set-aside') destinationProblem = undefined;
    options.onEvent?.(event);
  }

  function nudge(): void {
    nudged = true;
    pause.abort();
  }

  function changeWaiting(change: number): void {
    waiting += change;
    activity += 1;
    if (waiting > 0) return;
    for (const resolve of drains.splice(0)) resolve();
    nudge();
  }

  const walk = new ShardWalk({
    mapping,
    streams: options.streams,
    checkpoints,
    intercept: options.intercept,
    isSwept: options.isSwept,
    requirePermission(action) {
      if (options.authorise?.(action, mapping.streamArn) !== false) return;
      throw new Error(`the role of ${mapping.functionName} does not allow ${action} on ${mapping.streamArn}`);
    },
    createLane: (shardId) =>
      createLane(
        {
          mapping,
          shardId,
          invoke: options.invoke,
          destination,
          delivery: options.delivery ?? 'once',
          clock,
          maxBackoffMs: options.maxBackoffMs ?? 1000,
          signal: stopping.signal,
          onEvent,
        },
        Math.min(mapping.batchingWindowSeconds * 1000, options.maxBatchingWindowMs ?? Infinity),
        { onRedelivery: () => changeWaiting(1), onRedelivered: () => changeWaiting(-1) },
      ),
    onUnfinished(change) {
      const wasFull = walk.full;
      changeWaiting(change);
      if (!walk.full && wasFull) nudge();
    },
    onRead(records) {
      if (records > 0) onEvent({ kind: 'read', records });
    },
  });

  async function round(discover: boolean): Promise<{ records: number; atEnd: boolean }> {
    try {
      const result = await walk.round(discover);
      if (pollProblem !== undefined) onEvent({ kind: 'recovered' });
      pollProblem = undefined;
      return result;
    } catch (error) {
      const text = `PROBLEM: ${error instanceof Error ? error.message : String(error)}`;
      if (text !== pollProblem && !stopping.signal.aborted) options.onEvent?.({ kind: 'problem', text });
      pollProblem = text;
      return { records: 0, atEnd: false };
    }
  }

  async function poll(): Promise<void> {
    let lastStart = -Infinity;
    let gapMs = 0;
    for (let rounds = 0; !stopping.signal.aborted; rounds += 1) {
      const early = lastStart + gapMs - clock.now();
      if (early > 0) await clock.sleep(early, stopping.signal);
      lastStart = clock.now();
      nudged = false;
      const answering = requests.splice(0);
      const wakesBefore = wakes;
      const { records, atEnd } = await round(answering.length > 0 || rounds % ROUNDS_PER_DISCOVERY === 0);
      gapMs = records === 0 ? 0 : Math.min(options.longestGapMs ?? 0, Math.max(FIRST_GAP_MS, 2 * gapMs));
      if (atEnd) endSeenAtWake = wakesBefore;
      for (const answer of answering) answer(atEnd);
      if (records > 0 || nudged || stopping.signal.aborted) continue;
      pause = new AbortController();
      await clock.sleep(options.pollIntervalMs ?? 250, pause.signal);
    }
    for (const answer of requests.splice(0)) answer(true);
  }

  const polling = mapping.enabled ? poll() : Promise.resolve();

  return {
    mapping,
    wake() {
      wakes += 1;
      activity += 1;
      nudge();
    },
    waiting: () => waiting,
    idle: () => !mapping.enabled || (waiting === 0 && endSeenAtWake === wakes),
    get problem() {
      return pollProblem ?? destinationProblem;
    },
    pollNow() {
      if (!mapping.enabled || stopping.signal.aborted) return Promise.resolve(true);
      return new Promise((resolve) => {
        requests.push(resolve);
        nudge();
      });
    },
    drained() {
      if (waiting === 0 || stopping.signal.aborted) return Promise.resolve();
      return new Promise((resolve) => drains.push(resolve));
    },
    activity: () => activity,
    async stop() {
      stopping.abort();
      pause.abort();
      await polling;
      await walk.stopped();
      for (const resolve of drains.splice(0)) resolve();
      await checkpoints.flush();
    },
  };
}
