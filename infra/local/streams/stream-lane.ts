import { type DeliveryContext, deliverBatch, type PendingRecord } from './stream-delivery.ts';
import { itemOf } from './stream-records.ts';

/** Lambda's limit on the records of one event, in bytes of JSON. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024 - 64;

/** Earlier batches that `shuffled` remembers per lane. */
const REMEMBERED_BATCHES = 16;

/** How many of the waiting records `shuffled` leaves for a later batch, with what follows of their items. */
const SHARE_HELD = 0.25;

/** One of a shard's concurrent sequences of batches: records go to the function in the order pushed. */
export interface StreamLane {
  push(pending: readonly PendingRecord[]): void;
  /** Resolves after the batch under way, when the context's signal has been aborted. */
  stopped(): Promise<void>;
}

/** What a lane tells its poller about deliveries that belong to no unfinished record. */
export interface LaneHooks {
  /** A batch that was already processed is about to be delivered again. */
  onRedelivery(): void;
  onRedelivered(): void;
}

/** The longest prefix that fits the batch size and the 6 MB limit; at least one record. */
export function countForBatch(sizes: readonly number[], batchSize: number): { count: number; full: boolean } {
  let bytes = 0;
  for (const [index, size] of sizes.entries()) {
    if (index >= batchSize) return { count: index, full: true };
    bytes += size + 1;
    if (index > 0 && bytes > MAX_EVENT_BYTES) return { count: index, full: true };
  }
  return { count: sizes.length, full: sizes.length >= batchSize || bytes >= MAX_EVENT_BYTES };
}

/** Forms batches (size, 6 MB, batching window of at most `windowMs`) and delivers one after the other. */
export function createLane(context: DeliveryContext, windowMs: number, hooks: LaneHooks): StreamLane {
  const { mapping, clock, signal } = context;
  const queue: PendingRecord[] = [];
  const sizes: number[] = [];
  const earlier: (readonly PendingRecord[])[] = [];
  let running: Promise<void> = Promise.resolve();
  let active = false;
  /** Ends the wait for more records, once the batch is full. */
  let full = new AbortController();
  signal.addEventListener('abort', () => full.abort(), { once: true });

  function size(): { count: number; full: boolean } {
    return countForBatch(sizes, mapping.batchSize);
  }

  async function run(): Promise<void> {
    try {
      while (queue.length > 0 && !signal.aborted) await deliverNext();
    } finally {
      active = false;
    }
  }

  async function deliverNext(): Promise<void> {
    if (windowMs > 0 && !size().full) {
      full = new AbortController();
      await clock.sleep(windowMs, full.signal);
      if (signal.aborted) return;
    }
    if (context.delivery !== 'shuffled') {
      const { count } = size();
      sizes.splice(0, count);
      await deliverBatch(queue.splice(0, count), context);
      return;
    }
    const batch = takeSome();
    // What was set aside does not come again by itself: that would hide a record nobody redrives.
    const processed: PendingRecord[] = [];
    const noting = batch.map((pending): PendingRecord => ({
      record: pending.record,
      done: (outcome) => {
        if (outcome === 'processed') processed.push(pending);
        pending.done(outcome);
      },
    }));
    await deliverBatch(noting, context);
    if (processed.length > 0) await redeliver(processed);
  }

  /**
   * A batch of some of what waits, as if the rest lay in other shards: what is held back comes after newer records of
   * other items, never after one of its own. In the order of the stream, as every batch is.
   */
  function takeSome(): readonly PendingRecord[] {
    const heldItems = new Set<string>();
    const ready: number[] = [];
    for (const [place, { record }] of queue.entries()) {
      const item = itemOf(record);
      if (heldItems.has(item)) continue;
      if (clock.random() < SHARE_HELD) heldItems.add(item);
      else ready.push(place);
    }
    if (ready.length === 0) ready.push(0);
    const { count } = countForBatch(
      ready.map((place) => sizes[place] ?? 0),
      mapping.batchSize,
    );
    const batch: PendingRecord[] = [];
    // From the end, so that the places before stay what they are.
    for (const place of ready.slice(0, count).reverse()) {
      batch.unshift(...queue.splice(place, 1));
      sizes.splice(place, 1);
    }
    return batch;
  }

  /** Half of the batches are followed by one that was processed before, chosen at random. */
  async function redeliver(batch: readonly PendingRecord[]): Promise<void> {
    earlier.push(batch);
    if (earlier.length > REMEMBERED_BATCHES) earlier.shift();
    if (clock.random() < 0.5 || signal.aborted) return;
    const chosen = earlier[Math.floor(clock.random() * earlier.length)];
    if (chosen === undefined) return;
    hooks.onRedelivery();
    await deliverBatch(
      chosen.map(({ record }) => ({ record, done: () => undefined })),
      context,
    );
    hooks.onRedelivered();
  }

  return {
    push(pending) {
      queue.push(...pending);
      sizes.push(...pending.map(({ record }) => Buffer.byteLength(JSON.stringify(record))));
      if (size().full) full.abort();
      if (active) return;
      active = true;
      running = run();
    },
    stopped: () => running,
  };
}
