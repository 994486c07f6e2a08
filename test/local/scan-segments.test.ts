import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  ScanCommand,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../infra/local/dynamodb/engine-process.ts';
import { startEngine } from '../../infra/local/dynamodb/engine.ts';
import { type Gate, startGate } from '../../infra/local/dynamodb/gate.ts';
import { createTables } from '../../infra/local/dynamodb/tables.ts';
import { ENGINES } from '../support/engines.ts';
import { clientFor, tableResource } from './database.ts';

const OPERATOR = 'OPERATOR';
const SEGMENTS = 2;
const PARTITIONS = 60;

for (const { kind, missing, note } of ENGINES) {
  describe.skipIf(missing)(`a Scan of a segment on ${kind}${note}`, () => {
    let engine: Engine;
    let gate: Gate;
    let client: DynamoDBClient;

    beforeAll(async () => {
      engine = await startEngine({ kind });
      const tables = await createTables(
        ['deleted', 'emptied', 'ended'].map((name) => tableResource(name)),
        engine.endpoint,
      );
      gate = await startGate({ engine, tables, principals: new Map(), operatorAccessKeyId: OPERATOR });
      client = clientFor(gate.endpoint, OPERATOR);
      for (const { name } of tables) {
        const puts = Array.from({ length: PARTITIONS }, (_, index) =>
          ['one', 'two'].map((sk) => ({ index, sk })),
        )
          .flat()
          .map(({ index, sk }) => ({ PutRequest: { Item: { pk: { S: `row-${index}` }, sk: { S: sk } } } }));
        for (let start = 0; start < puts.length; start += 25) {
          const RequestItems = { [name]: puts.slice(start, start + 25) };
          await client.send(new BatchWriteItemCommand({ RequestItems }));
        }
      }
    });

    afterAll(async () => {
      client.destroy();
      await gate.stop();
      await engine.stop();
    });

    const scan = (TableName: string, Segment: number, start?: ScanCommandOutput['LastEvaluatedKey']) =>
      client.send(
        new ScanCommand({
          TableName,
          Segment,
          TotalSegments: SEGMENTS,
          Limit: 7,
          ...(start && { ExclusiveStartKey: start }),
        }),
      );

    /** All rows of a table, in its segments, with something done after each page. */
    async function walk(table: string, after: (page: ScanCommandOutput) => Promise<void>): Promise<string[]> {
      const seen: string[] = [];
      for (let segment = 0; segment < SEGMENTS; segment += 1) {
        let next: ScanCommandOutput['LastEvaluatedKey'];
        do {
          const page = await scan(table, segment, next);
          for (const { pk, sk } of page.Items ?? []) seen.push(`${pk?.S} ${sk?.S}`);
          await after(page);
          next = page.LastEvaluatedKey;
        } while (next !== undefined);
      }
      return seen;
    }

    const remove = (TableName: string, Key: ScanCommandOutput['LastEvaluatedKey']) =>
      client.send(new DeleteItemCommand({ TableName, Key }));

    it.each([
      [
        'deleted',
        'the row that a page ended with',
        (page: ScanCommandOutput) => (page.Items ?? []).slice(-1),
      ],
      ['emptied', 'all rows of a page', (page: ScanCommandOutput) => page.Items ?? []],
    ])('goes on (%s) where it was although %s went', async (table, _what, gone) => {
      const seen = await walk(table, async (page) => {
        for (const { pk, sk } of gone(page)) if (pk && sk) await remove(table, { pk, sk });
      });
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(2 * PARTITIONS);
    });

    it('ends behind its last row, whether that is there or gone', async () => {
      let last: ScanCommandOutput['LastEvaluatedKey'];
      await walk('ended', async ({ Items }) => {
        last = Items?.at(-1) ?? last;
      });
      expect((await scan('ended', SEGMENTS - 1, last)).Items).toEqual([]);
      await remove('ended', last);
      expect(await scan('ended', SEGMENTS - 1, last)).toMatchObject({ Items: [], ScannedCount: 0 });
    });
  });
}
