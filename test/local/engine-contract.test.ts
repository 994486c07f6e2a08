import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../infra/local/dynamodb/engine.ts';
import type { Engine } from '../../infra/local/dynamodb/engine-process.ts';
import { createTables } from '../../infra/local/dynamodb/tables.ts';
import type { CreatedTable } from '../../infra/local/dynamodb/tables.ts';
import { createTtlSweep } from '../../infra/local/dynamodb/ttl-sweep.ts';
import { clientFor, indexedTableResource, readStream, tableResource } from './database.ts';
import { ENGINES } from '../support/engines.ts';

const expiring = tableResource('sessions', {
  TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
});
const resources = [
  tableResource('numbers'),
  tableResource('repeats'),
  tableResource('orders'),
  tableResource('checked'),
  indexedTableResource('enrollments'),
  expiring,
  tableResource('unstreamed', { StreamSpecification: undefined }),
];

for (const { kind, missing, note } of ENGINES) {
  describe.skipIf(missing)(`${kind}${note}`, () => {
    let engine: Engine;
    let client: DynamoDBClient;
    let tables: CreatedTable[];

    beforeAll(async () => {
      engine = await startEngine({ kind });
      client = clientFor(engine.endpoint);
      tables = await createTables(resources, engine.endpoint);
    });

    afterAll(async () => {
      client.destroy();
      await engine.stop();
    });

    function streamOf(name: string) {
      return readStream(engine.endpoint, tables.find((table) => table.name === name)?.engineStreamArn);
    }

    it('has the tables of the template, with a stream where it says so', () => {
      expect(tables.map((table) => table.name)).toContain('enrollments');
      expect(tables.find((table) => table.name === 'enrollments')).toMatchObject({
        partitionKey: 'pk',
        sortKey: 'sk',
        indexes: { byCourse: { partitionKey: 'course', sortKey: undefined } },
        engineStreamArn: expect.stringContaining('table/enrollments/stream/'),
      });
      expect(tables.find((table) => table.name === 'unstreamed')?.engineStreamArn).toBeUndefined();
    });

    it('takes tables that are there already as they are, and refuses those of another form', async () => {
      const again = await createTables(resources, engine.endpoint);
      expect(again).toEqual(tables);
      const other = tableResource('enrollments', { StreamSpecification: undefined });
      await expect(createTables([other], engine.endpoint)).rejects.toThrow(/enrollments is already there/);
    });

    it('reports a write that changes nothing as a record of equal images or not at all', async () => {
      const Item = { pk: { S: 'a' }, sk: { S: 'b' }, n: { N: '1' } };
      await client.send(new PutItemCommand({ TableName: 'repeats', Item }));
      await client.send(new PutItemCommand({ TableName: 'repeats', Item }));
      await client.send(
        new UpdateItemCommand({
          TableName: 'repeats',
          Key: { pk: { S: 'a' }, sk: { S: 'b' } },
          UpdateExpression: 'SET n = :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        }),
      );
      const changes = (await streamOf('repeats')).filter(
        ({ dynamodb }) => !isDeepStrictEqual(dynamodb?.OldImage, dynamodb?.NewImage),
      );
      expect(changes.map((record) => record.eventName)).toEqual(['INSERT']);
    });

    it('puts the records of one item in the order of its writes, also of those in transactions', async () => {
      const key = { pk: { S: 'a' }, sk: { S: '1' } };
      for (let n = 1; n <= 12; n++) {
        const Put = { TableName: 'orders', Item: { ...key, n: { N: String(n) } } };
        const other = { ...Put, Item: { ...Put.Item, sk: { S: '2' } } };
        await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: other }, { Put }] }));
      }
      const records = await streamOf('orders');
      const written = records.filter((record) => record.dynamodb?.Keys?.sk?.S === '1');
      expect(written.map((record) => record.dynamodb?.NewImage?.n?.N)).toEqual(
        Array.from({ length: 12 }, (_, index) => String(index + 1)),
      );
      const sequence = records.map((record) => BigInt(record.dynamodb?.SequenceNumber ?? 0));
      expect(sequence).toEqual([...sequence].sort((a, b) => (a < b ? -1 : 1)));
    });

    it('names the cancellation reason of each item at its place, and writes none of them', async () => {
      const item = (sk: string) => ({ pk: { S: 'a' }, sk: { S: sk } });
      const conditional = { TableName: 'checked', ConditionExpression: 'attribute_exists(pk)' };
      const sent = client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName: 'checked', Item: item('1') } },
            { Put: { ...conditional, Item: item('2') } },
            { ConditionCheck: { ...conditional, Key: item('3') } },
          ],
        }),
      );
      const error = await sent.catch((it: unknown) => it);
      expect(error).toBeInstanceOf(TransactionCanceledException);
      const reasons = (error as TransactionCanceledException).CancellationReasons?.map((it) => it.Code);
      expect(reasons).toEqual(['None', 'ConditionalCheckFailed', 'ConditionalCheckFailed']);
      expect(await streamOf('checked')).toEqual([]);
    });

    it('keeps 38 digits of a number and adds exactly', async () => {
      const key = { pk: { S: 'a' }, sk: { S: 'b' } };
      const big = '12345678901234567890123456789012345678';
      await client.send(
        new PutItemCommand({ TableName: 'numbers', Item: { ...key, big: { N: big }, small: { N: '0.1' } } }),
      );
      await client.send(
        new UpdateItemCommand({
          TableName: 'numbers',
          Key: key,
          UpdateExpression: 'SET big = big + :one, small = small + :fifth',
          ExpressionAttributeValues: { ':one': { N: '1' }, ':fifth': { N: '0.2' } },
        }),
      );
      const { Item } = await client.send(new GetItemCommand({ TableName: 'numbers', Key: key }));
      expect(Item).toMatchObject({
        big: { N: '12345678901234567890123456789012345679' },
        small: { N: '0.3' },
      });
      const [inserted] = await streamOf('numbers');
      expect(inserted?.dynamodb?.NewImage?.big).toEqual({ N: big });
    });

    it('loses expired rows to the sweep, which can tell its deletions from others', async () => {
      const now = new Date('2026-03-01T12:00:00Z');
      const second = now.getTime() / 1000;
      const put = (pk: string, expires?: object) =>
        client.send(
          new PutItemCommand({
            TableName: 'sessions',
            Item: { pk: { S: pk }, sk: { S: '-' }, ...(expires === undefined ? {} : { expires }) } as never,
          }),
        );
      await put('expired', { N: String(second - 1) });
      await put('later', { N: String(second + 60) });
      await put('never');
      await put('text', { S: String(second - 1) });
      await put('ancient', { N: '1' });
      await put('deleted', { N: String(second - 1) });
      await client.send(
        new DeleteItemCommand({ TableName: 'sessions', Key: { pk: { S: 'deleted' }, sk: { S: '-' } } }),
      );

      const sweep = createTtlSweep({ endpoint: engine.endpoint, tables });
      expect(await sweep.sweep(now)).toBe(1);
      expect(await sweep.sweep(now)).toBe(0);

      const removals = (await streamOf('sessions')).filter((record) => record.eventName === 'REMOVE');
      const swept = removals.map((record) => [
        record.dynamodb?.Keys?.pk?.S,
        sweep.isSwept('sessions', record.dynamodb?.OldImage ?? {}),
      ]);
      expect(swept).toEqual([
        ['deleted', false],
        ['expired', true],
      ]);
    });
  });
}
