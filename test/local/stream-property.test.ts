import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../infra/local/streams/stream-clock.ts';
import { startStreamPoller } from '../../infra/local/streams/stream-poller.ts';
import { quiet } from '../../infra/local/streams/stream-quiet.ts';
import type { StreamEventRecord } from '../../infra/local/streams/stream-records.ts';
import { FakeStream, functionError, HASTY_CLOCK, mappingOf, numbersOf, success } from './stream-support.ts';

interface Trouble {
  /** Attempts at this record that fail. */
  readonly times: number;
  /** How: the function throws, reports the record, or reports an identifier that does not exist. */
  readonly how: 'throws' | 'reports' | 'misreports';
}

const scenario = fc.record({
  items: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 }),
  troubles: fc.dictionary(
    fc.integer({ min: 1, max: 30 }).map(String),
    fc.record<Trouble>({
      times: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(Infinity)),
      how: fc.constantFrom('throws', 'reports', 'misreports'),
    }),
    { maxKeys: 6 },
  ),
  properties: fc.record({
    BatchSize: fc.integer({ min: 1, max: 12 }),
    ParallelizationFactor: fc.integer({ min: 1, max: 4 }),
    MaximumRetryAttempts: fc.integer({ min: 0, max: 3 }),
    BisectBatchOnFunctionError: fc.boolean(),
    FunctionResponseTypes: fc.constantFrom(['ReportBatchItemFailures'], []),
  }),
  delivery: fc.constantFrom('once', 'twice', 'shuffled'),
  seed: fc.integer(),
});

async function setAsideNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const numbers: number[] = [];
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const { payload } = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as { payload: string };
    const { Records } = JSON.parse(payload) as { Records: StreamEventRecord[] };
    for (const record of Records) expect(record.dynamodb.NewImage).toHaveProperty('n');
    numbers.push(...numbersOf(Records));
  }
  return numbers;
}

it('processes every record or sets it aside with its content, in order per item, however the function fails', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ items, troubles, properties, delivery, seed }) => {
      // Prepare
      const folder = await mkdtemp(path.join(tmpdir(), 'lockstep-property-'));
      const stream = new FakeStream();
      const itemOf = new Map<number, string>();
      for (const item of items) itemOf.set(Number(stream.write(`item-${item}`)), `item-${item}`);
      const left = new Map(Object.entries(troubles).map(([number, { times }]) => [Number(number), times]));
      const processed: number[] = [];
      const reports = properties.FunctionResponseTypes.length > 0;
      const poller = startStreamPoller({
        mapping: mappingOf(properties),
        streams: stream,
        failureFolder: folder,
        clock: { ...HASTY_CLOCK, random: seededRandom(seed) },
        delivery,

        // In order, stopping at the first failure, as the stream functions do.
        invoke: ({ Records }) => {
          for (const record of Records) {
            const [number = 0] = numbersOf([record]);
            const times = left.get(number) ?? 0;
            if (times === 0) {
              processed.push(number);
              continue;
            }
            left.set(number, times - 1);
            const how = troubles[String(number)]?.how;
            if (how === 'throws' || !reports) return Promise.resolve(functionError());
            const itemIdentifier = how === 'reports' ? record.dynamodb.SequenceNumber : 'unknown';
            return Promise.resolve(success({ batchItemFailures: [{ itemIdentifier }] }));
          }
          return Promise.resolve(success());
        },
      });
      try {
        // Act
        await quiet([poller]);
        // Assess
        const aside = await setAsideNumbers(folder);
        const accounted = new Set([...processed, ...aside]);
        expect([...itemOf.keys()].filter((number) => !accounted.has(number))).toEqual([]);
        if (delivery !== 'shuffled') expect(new Set(aside).size).toBe(aside.length);
        for (const item of new Set(itemOf.values())) {
          const firsts = [...new Set(processed.filter((number) => itemOf.get(number) === item))];
          expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
        }
        expect(poller.waiting()).toBe(0);
      } finally {
        await poller.stop();
        await rm(folder, { recursive: true, force: true });
      }
    }),
    {
      numRuns: 100,
      // Once, a redelivered batch brought back a record that had been set aside.
      examples: [
        [
          {
            items: [0, 0],
            troubles: { '1': { times: 4, how: 'throws' } },
            properties: {
              BatchSize: 2,
              ParallelizationFactor: 1,
              MaximumRetryAttempts: 0,
              BisectBatchOnFunctionError: true,
              FunctionResponseTypes: ['ReportBatchItemFailures'],
            },
            delivery: 'shuffled',
            seed: -230714546,
          },
        ],
      ],
    },
  );
});
