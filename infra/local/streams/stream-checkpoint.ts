import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

const shardSchema = z.object({ after: z.string().optional(), finished: z.boolean() });
const fileSchema = z.object({ streamArn: z.string(), shards: z.record(z.string(), shardSchema) });

/** How far a shard is processed: everything up to and including `after`; `finished` when it will get no more. */
export type ShardCheckpoint = z.infer<typeof shardSchema>;

/** Where a mapping stands in a stream, so that a restart goes on there. */
export interface CheckpointStore {
  /** The shards of this stream as last saved; none when what was saved is unreadable or of another stream. */
  load(streamArn: string): Promise<ReadonlyMap<string, ShardCheckpoint>>;
  /** Saves soon; what is lost when the process is killed is delivered again. */
  save(streamArn: string, shards: ReadonlyMap<string, ShardCheckpoint>): void;
  /** Resolves when everything given to `save` is on the file system; rejects when a write failed. */
  flush(): Promise<void>;
}

/** Checkpoints in `<folder>/<name>.json`, or nowhere when no folder is given. */
export function createCheckpointStore(folder: string | undefined, name: string): CheckpointStore {
  if (folder === undefined) {
    return { load: () => Promise.resolve(new Map()), save: () => undefined, flush: () => Promise.resolve() };
  }
  const file = path.join(folder, `${name}.json`);
  let next: string | undefined;
  let active = false;
  let writing: Promise<void> = Promise.resolve();
  let failure: unknown;

  async function write(): Promise<void> {
    try {
      await mkdir(path.dirname(file), { recursive: true });
      while (next !== undefined) {
        const content = next;
        next = undefined;
        await writeFile(`${file}.draft`, content);
        await rename(`${file}.draft`, file);
      }
    } catch (error) {
      // Nothing is lost by it before a restart, and then only time: `flush` tells.
      failure = error;
    } finally {
      active = false;
    }
  }

  return {
    async load(streamArn) {
      try {
        const saved = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
        return saved.streamArn === streamArn ? new Map(Object.entries(saved.shards)) : new Map();
      } catch {
        // Not there, or cut off when the machine went down: all is delivered again.
        return new Map();
      }
    },
    save(streamArn, shards) {
      next = JSON.stringify({ streamArn, shards: Object.fromEntries(shards) });
      if (active) return;
      active = true;
      writing = write();
    },
    async flush() {
      await writing;
      if (failure !== undefined) throw failure;
    },
  };
}

/** The records of one shard that were read, in order, and which of them are unfinished. */
export class ShardProgress {
  readonly #entries: { readonly sequence: string; open: number }[] = [];
  readonly #bySequence = new Map<string, { readonly sequence: string; open: number }>();
  #after: string | undefined;

  constructor(after: string | undefined) {
    this.#after = after;
  }

  /** The last sequence number up to which nothing is unfinished. */
  get after(): string | undefined {
    return this.#after;
  }

  /** True when every record read is finished. */
  get settled(): boolean {
    return this.#entries.length === 0;
  }

  /** Notes a record in stream order, with the number of deliveries it waits for (0 when it is dropped). */
  add(sequence: string, deliveries: number): void {
    const entry = { sequence, open: deliveries };
    this.#entries.push(entry);
    this.#bySequence.set(sequence, entry);
  }

  /** One delivery of the record is finished. Sequence numbers never added are ignored. */
  finish(sequence: string): void {
    const entry = this.#bySequence.get(sequence);
    if (entry !== undefined) entry.open -= 1;
  }

  /** Moves past everything finished at the start. True when that changed `after`. */
  advance(): boolean {
    let count = 0;
    for (const entry of this.#entries) {
      if (entry.open > 0) break;
      this.#bySequence.delete(entry.sequence);
      this.#after = entry.sequence;
      count += 1;
    }
    this.#entries.splice(0, count);
    return count > 0;
  }
}
