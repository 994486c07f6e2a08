import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { silentLog } from '../../shared/runtime/logger.ts';
import {
  createStreamHandler,
  type EndedBatch,
  type StreamOptions,
  type StreamRecord,
} from '../../shared/runtime/stream-loop.ts';
import { streamRecords } from '../support/streams.ts';

const Row = z.object({ id: z.string(), version: z.int() });

function loop(over: Partial<StreamOptions<z.infer<typeof Row>>> = {}) {
  const aside: [eventId: string, reason: string][] = [];
  const seen: StreamRecord[] = [];
  const handler = createStreamHandler({
    parse: (record) => Row.parse(record.newImage),
    apply: async (batch) => {
      seen.push(...batch.map(({ record }) => record));
      return {};
    },
    setAside: async (record, reason) => {
      aside.push([record.eventId, reason]);
    },
    logger: silentLog,
    ...over,
  });
  return { handler, aside, seen };
}

const rows = (count: number) =>
  streamRecords(
    Array.from({ length: count }, (_, version) => ({ table: 'things', after: { id: 'a', version } })),
  );

describe('the stream loop', () => {
  it('reads images, table and sequence number of every record', async () => {
    const { handler, seen } = loop();
    expect(await handler({ Records: rows(2) })).toEqual({ batchItemFailures: [] });
    expect(seen[1]).toMatchObject({ table: 'things', eventId: 'event-1', newImage: { id: 'a', version: 1 } });
  });

  it('reports the lowest failed record, by number and not by text', async () => {
    const records = rows(2).map((record, index) => ({
      ...record,
      dynamodb: {
        ...record.dynamodb,
        SequenceNumber: ['99999999999999999999', '100000000000000000000'][index] ?? '',
      },
    }));
    const apply: StreamOptions<unknown>['apply'] = async (batch) => ({
      failed: [...batch].reverse().map(({ record }) => ({ record, error: new Error('no') })),
    });
    const { batchItemFailures } = await loop({ apply }).handler({ Records: records });
    expect(batchItemFailures).toEqual([{ itemIdentifier: '99999999999999999999' }]);
  });

  it('throws on, so that Lambda halves the batch, when it is not known which record is guilty', async () => {
    const apply = async () => {
      throw new Error('down');
    };
    await expect(loop({ apply }).handler({ Records: rows(2) })).rejects.toThrow('down');
  });

  it('sets malformed records aside without quoting them, and applies the others', async () => {
    const records = streamRecords([
      { table: 'things', after: { id: 'a', version: 'secret' } },
      { table: 'things', after: { id: 'b', version: 1 } },
    ]);
    const unreadable = {
      ...records[1],
      eventID: 'odd',
      dynamodb: { SequenceNumber: '7', NewImage: { id: { Q: 'a' } } },
    };
    const { handler, aside, seen } = loop();
    await handler({ Records: [...records, unreadable] });
    expect(aside[0]).toEqual(['event-0', 'malformed: version invalid_type']);
    expect(aside[1]?.[0]).toBe('odd');
    expect(JSON.stringify(aside)).not.toContain('secret');
    expect(seen.map((record) => record.eventId)).toEqual(['event-1']);
  });

  it('takes the record that mends an unreadable row', async () => {
    const [record] = streamRecords([{ table: 'things', after: { id: 'a', version: 2 } }]);
    const mended = {
      ...record,
      dynamodb: { ...record?.dynamodb, OldImage: { version: { Q: '1' } } },
    };
    const { handler, aside, seen } = loop();
    await handler({ Records: [mended] });
    expect(aside).toEqual([]);
    expect(seen).toMatchObject([{ newImage: { id: 'a', version: 2 }, oldImage: undefined }]);
  });

  it('reports a record that could not be set aside', async () => {
    const records = streamRecords([{ table: 'things', after: { id: 'a' } }]);
    const setAside = async () => {
      throw new Error('full');
    };
    const { batchItemFailures } = await loop({ setAside }).handler({ Records: records });
    expect(batchItemFailures).toEqual([{ itemIdentifier: records[0]?.dynamodb.SequenceNumber }]);
  });

  /** The places of the records that were done and that come again. */
  async function endOf(over: Parameters<typeof loop>[0], records = rows(5)) {
    const ends: { done: string[]; again: string[] }[] = [];
    const names = (all: EndedBatch['done']) => all.map(({ eventId }) => eventId.replace('event-', ''));
    const ended = async ({ done, again }: EndedBatch) => {
      ends.push({ done: names(done), again: names(again) });
    };
    await loop({ ...over, ended })
      .handler({ Records: records })
      .catch(() => undefined);
    return ends;
  }

  it('says at the end what is done, and what comes again: all from the lowest that failed', async () => {
    expect(await endOf({})).toEqual([{ done: ['0', '1', '2', '3', '4'], again: [] }]);
    const apply: StreamOptions<unknown>['apply'] = async (batch) => ({
      failed: [3, 2].map((at) => ({ record: batch[at]!.record, error: new Error('no') })),
      aside: [{ record: batch[0]!.record, reason: 'none' }],
    });
    expect(await endOf({ apply })).toEqual([{ done: ['1'], again: ['2', '3', '4'] }]);
    const down = async () => {
      throw new Error('down');
    };
    expect(await endOf({ apply: down })).toEqual([{ done: [], again: ['0', '1', '2', '3', '4'] }]);
  });

  it('throws on an event that is not of a stream', async () => {
    await expect(loop().handler({ Records: [{ kinesis: {} }] })).rejects.toThrow();
  });
});
