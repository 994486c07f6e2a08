import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import { TTL_IDENTITY } from '../dynamodb/ttl-sweep.ts';
import { type CheckpointStore, type ShardCheckpoint, ShardProgress } from './stream-checkpoint.ts';
import type { Shard, StreamPosition, StreamsApi } from './stream-api.ts';
import type { PendingRecord } from './stream-delivery.ts';
import type { StreamLane } from './stream-lane.ts';
import { passesFilters, type StreamMapping } from './stream-mapping.ts';
import {
  changesNothing,
  type EventImage,
  isBefore,
  laneOf,
  type StreamEventRecord,
  toEventRecord,
} from './stream-records.ts';

/** Changes what a read brought, before it is delivered: leave out, repeat, reorder, or delay by a promise. */
export type Intercept = (
  records: readonly StreamEventRecord[],
) => readonly StreamEventRecord[] | Promise<readonly StreamEventRecord[]>;

/** What a walk over the shards needs from its poller. */
export interface ShardWalkOptions {
  readonly mapping: StreamMapping;
  readonly streams: StreamsApi;
  readonly checkpoints: CheckpointStore;
  readonly intercept: Intercept | undefined;
  /** Throws when the function's role does not allow the action on the stream. */
  requirePermission(action: string): void;
  createLane(shardId: string): StreamLane;
  /** Whether TTL removed this row; its record then gets AWS's `userIdentity`. */
  readonly isSwept: ((tableName: string, oldImage: EventImage) => boolean) | undefined;
  /** Records read and not finished yet, over all shards, changed by this many. */
  onUnfinished(change: number): void;
  onRead(records: number): void;
}

/** One round of reads. `atEnd`: every shard was read and had nothing, and none is waiting for its parent. */
export interface RoundResult {
  readonly records: number;
  readonly atEnd: boolean;
}

interface ShardState extends Shard {
  position: StreamPosition;
  lastRead: string | undefined;
  iterator: string | undefined;
  closed: boolean;
  finished: boolean;
  readonly progress: ShardProgress;
  readonly lanes: readonly StreamLane[];
}

/** GetRecords gives at most this many. */
const MAX_READ = 1000;

/** The shards of one stream: a child is read when everything of its parent is finished. */
export class ShardWalk {
  readonly #options: ShardWalkOptions;
  readonly #shards = new Map<string, ShardState>();
  readonly #capacity: number;
  #saved: ReadonlyMap<string, ShardCheckpoint> = new Map();
  #streamArn: string | undefined;
  #mustDiscover = true;
  #unfinished = 0;

  constructor(options: ShardWalkOptions) {
    this.#options = options;
    const { batchSize, parallelizationFactor } = options.mapping;
    this.#capacity = Math.max(MAX_READ, 2 * batchSize * parallelizationFactor);
  }

  /** True when the last reads were held back because too much is unfinished. */
  get full(): boolean {
    return this.#unfinished >= this.#capacity;
  }

  /** Reads each readable shard once. Rejects when the engine or the function's role does. */
  async round(discover: boolean): Promise<RoundResult> {
    const streamArn = (this.#streamArn ??= await this.#findStream());
    if (discover || this.#mustDiscover) await this.#discover(streamArn);
    let records = 0;
    let atEnd = true;
    for (const shard of this.#shards.values()) {
      if (shard.finished) continue;
      if (shard.closed || !this.#mayStart(shard) || this.full) {
        atEnd = false;
        continue;
      }
      const { count, open } = await this.#read(shard, streamArn);
      records += count;
      if (count > 0 || !open) atEnd = false;
    }
    return { records, atEnd: atEnd && !this.#mustDiscover };
  }

  /** Resolves when no lane has a batch under way. */
  async stopped(): Promise<void> {
    for (const shard of this.#shards.values()) {
      for (const lane of shard.lanes) await lane.stopped();
    }
  }

  async #findStream(): Promise<string> {
    const { mapping, streams, checkpoints } = this.#options;
    const arn = await streams.findStream(mapping.tableName);
    if (arn === undefined) throw new Error(`The table ${mapping.tableName} has no stream`);
    this.#saved = await checkpoints.load(arn);
    return arn;
  }

  async #discover(streamArn: string): Promise<void> {
    const { mapping, streams, requirePermission, createLane } = this.#options;
    requirePermission('dynamodb:DescribeStream');
    const found = await streams.listShards(streamArn);
    const parents = new Set(found.map((shard) => shard.parentId));
    const startAtLatest =
      mapping.startingPosition === 'LATEST' && this.#shards.size === 0 && this.#saved.size === 0;
    for (const { id, parentId } of found) {
      if (this.#shards.has(id)) continue;
      const saved = this.#saved.get(id);
      this.#shards.set(id, {
        id,
        parentId,
        position: startAtLatest ? 'LATEST' : 'TRIM_HORIZON',
        lastRead: saved?.after,
        iterator: undefined,
        closed: false,
        finished: saved?.finished ?? (startAtLatest && parents.has(id)),
        progress: new ShardProgress(saved?.after),
        lanes: Array.from({ length: mapping.parallelizationFactor }, () => createLane(id)),
      });
    }
    this.#mustDiscover = false;
  }

  #mayStart(shard: ShardState): boolean {
    const parent = shard.parentId === undefined ? undefined : this.#shards.get(shard.parentId);
    return parent === undefined || parent.finished;
  }

  async #read(shard: ShardState, streamArn: string): Promise<{ count: number; open: boolean }> {
    const { streams, requirePermission } = this.#options;
    requirePermission('dynamodb:GetRecords');
    const limit = Math.min(MAX_READ, this.#capacity - this.#unfinished);
    try {
      const iterator = shard.iterator ?? (await this.#openIterator(shard, streamArn));
      const { records, next } = await streams.getRecords(iterator, limit);
      shard.iterator = next;
      shard.closed = next === undefined;
      await this.#accept(
        shard,
        records.map((record) => this.#toEvent(record)),
      );
      return { count: records.length, open: !shard.closed };
    } catch (error) {
      // Another iterator is opened in the next round, after what was read.
      const name = error instanceof Error ? error.name : '';
      if (name !== 'ExpiredIteratorException' && name !== 'TrimmedDataAccessException') throw error;
      shard.iterator = undefined;
      if (name === 'TrimmedDataAccessException') {
        shard.position = 'TRIM_HORIZON';
        shard.lastRead = undefined;
      }
      this.#mustDiscover = true;
      return { count: 0, open: true };
    }
  }

  #toEvent(record: _Record): StreamEventRecord {
    const { mapping, isSwept } = this.#options;
    const event = toEventRecord(record, mapping.streamArn, mapping.region);
    const oldImage = event.eventName === 'REMOVE' ? event.dynamodb.OldImage : undefined;
    if (oldImage === undefined || isSwept?.(mapping.tableName, oldImage) !== true) return event;
    return { ...event, userIdentity: TTL_IDENTITY };
  }

  async #openIterator(shard: ShardState, streamArn: string): Promise<string> {
    const { streams, requirePermission } = this.#options;
    requirePermission('dynamodb:GetShardIterator');
    const position = shard.lastRead === undefined ? shard.position : { after: shard.lastRead };
    return await streams.openIterator(streamArn, shard.id, position);
  }

  async #accept(shard: ShardState, read: readonly StreamEventRecord[]): Promise<void> {
    const { mapping, intercept } = this.#options;
    const after = shard.lastRead;
    const fresh = read.filter(
      ({ dynamodb }) => after === undefined || isBefore(after, dynamodb.SequenceNumber),
    );
    shard.lastRead = fresh.at(-1)?.dynamodb.SequenceNumber ?? after;
    // Counted before the interceptor may wait, so that nobody takes this for silence.
    this.#count(fresh.length);
    this.#options.onRead(fresh.length);
    const wanted = fresh.filter((record) => !changesNothing(record) && passesFilters(mapping, record));
    const delivered = intercept === undefined || wanted.length === 0 ? wanted : await intercept(wanted);
    const deliveries = new Map<string, number>();
    for (const { dynamodb } of delivered) {
      deliveries.set(dynamodb.SequenceNumber, (deliveries.get(dynamodb.SequenceNumber) ?? 0) + 1);
    }
    for (const { dynamodb } of fresh) {
      shard.progress.add(dynamodb.SequenceNumber, deliveries.get(dynamodb.SequenceNumber) ?? 0);
    }
    this.#count(delivered.length - fresh.length);
    this.#advance(shard);
    this.#dispatch(shard, delivered);
  }

  #dispatch(shard: ShardState, records: readonly StreamEventRecord[]): void {
    const byLane = shard.lanes.map((): PendingRecord[] => []);
    for (const record of records) {
      const sequence = record.dynamodb.SequenceNumber;
      byLane[laneOf(record, shard.lanes.length)]?.push({
        record,
        done: () => {
          shard.progress.finish(sequence);
          this.#advance(shard);
          this.#count(-1);
        },
      });
    }
    for (const [index, pending] of byLane.entries()) {
      if (pending.length > 0) shard.lanes[index]?.push(pending);
    }
  }

  #count(change: number): void {
    if (change === 0) return;
    this.#unfinished += change;
    this.#options.onUnfinished(change);
  }

  #advance(shard: ShardState): void {
    const moved = shard.progress.advance();
    const finishes = shard.closed && !shard.finished && shard.progress.settled;
    if (finishes) {
      shard.finished = true;
      // Its children may begin, and may not be known yet.
      this.#mustDiscover = true;
    }
    if ((moved || finishes) && this.#streamArn !== undefined) {
      this.#options.checkpoints.save(this.#streamArn, this.#checkpoint());
    }
  }

  #checkpoint(): ReadonlyMap<string, ShardCheckpoint> {
    return new Map(
      [...this.#shards.values()].map(({ id, finished, progress: { after } }) => [
        id,
        { finished, ...(after !== undefined && { after }) },
      ]),
    );
  }
}
