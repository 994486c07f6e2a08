import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  ThrottlingException,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEngine } from '../../infra/local/dynamodb/engine.ts';
import type { Engine } from '../../infra/local/dynamodb/engine-process.ts';
import { OPERATOR } from '../../infra/local/dynamodb/faults.ts';
import { startGate } from '../../infra/local/dynamodb/gate.ts';
import type { Gate } from '../../infra/local/dynamodb/gate.ts';
import { PolicyDocument } from '../../infra/local/iam/iam-policy.ts';
import { accessKeyIdFor } from '../../infra/local/iam/principals.ts';
import { createTables } from '../../infra/local/dynamodb/tables.ts';
import { clientFor, tableResource } from './database.ts';
import { ENGINES } from '../support/engines.ts';

const { Statement: everything } = PolicyDocument.parse({
  Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
});
const principals = new Map(
  ['Enroll', 'TakeQuiz'].map((functionName) => [
    accessKeyIdFor(functionName),
    { functionName, roleName: 'Role', statements: everything },
  ]),
);

for (const { kind, missing, note } of ENGINES) {
  describe.skipIf(missing)(`faults before ${kind}${note}`, () => {
    let engine: Engine;
    let gate: Gate;
    let client: DynamoDBClient;
    let operator: DynamoDBClient;
    let pk = 0;

    beforeAll(async () => {
      engine = await startEngine({ kind });
      gate = await startGate({
        engine,
        tables: await createTables(
          [tableResource('enrollments'), tableResource('analytics')],
          engine.endpoint,
        ),
        principals,
        operatorAccessKeyId: 'OPERATORKEY',
      });
    });

    afterAll(async () => {
      await gate.stop();
      await engine.stop();
    });

    beforeEach(() => {
      client = clientFor(gate.endpoint, accessKeyIdFor('Enroll'));
      operator = clientFor(gate.endpoint, 'OPERATORKEY');
      pk++;
    });

    afterEach(() => {
      gate.faults.clear();
      client.destroy();
      operator.destroy();
    });

    const key = (sk = '-') => ({ pk: { S: `student-${pk}` }, sk: { S: sk } });
    const put = (sk?: string, TableName = 'enrollments') => new PutItemCommand({ TableName, Item: key(sk) });
    const get = () => new GetItemCommand({ TableName: 'enrollments', Key: key() });
    const addOne = () =>
      new UpdateItemCommand({
        TableName: 'enrollments',
        Key: key(),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      });
    const transaction = () =>
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: 'enrollments', Item: key('0') } },
          { Put: { TableName: 'analytics', Item: key('1') } },
          { Put: { TableName: 'analytics', Item: key('2') } },
        ],
      });
    const failure = (sent: Promise<unknown>) =>
      sent.then(
        () => undefined,
        (error: unknown) => error,
      );
    const stored = async () => (await operator.send(get())).Item;

    async function reasons(sent: Promise<unknown>): Promise<(string | undefined)[] | undefined> {
      const error = await failure(sent);
      expect(error).toBeInstanceOf(TransactionCanceledException);
      return (error as TransactionCanceledException).CancellationReasons?.map((reason) => reason.Code);
    }

    it('throttle a request, in either of its forms, and write nothing', async () => {
      gate.faults.inject({ match: {}, fault: { kind: 'throttle' } });
      expect(await failure(client.send(put()))).toBeInstanceOf(ProvisionedThroughputExceededException);
      gate.faults.inject({ match: {}, fault: { kind: 'throttle', exception: 'ThrottlingException' } });
      const error = await failure(client.send(put()));
      expect(error).toBeInstanceOf(ThrottlingException);
      expect((error as ThrottlingException).message).toMatch(/Throughput exceeds the current capacity/);
      expect(await stored()).toBeUndefined();
    });

    it('are retried by the SDK where it retries: throttles, lost replies and 500s', async () => {
      const retrying = clientFor(gate.endpoint, accessKeyIdFor('Enroll'), 5);
      const injected = (['throttle', 'lost-reply', '500-before', '500-after'] as const).map((kind) =>
        gate.faults.inject({ match: {}, fault: { kind } }),
      );
      await retrying.send(addOne());
      retrying.destroy();
      expect(injected.map((it) => it.count)).toEqual([1, 1, 1, 1]);
      // Two replies were lost after the engine had added: the reason why no function may ADD without a guard.
      expect(await stored()).toMatchObject({ n: { N: '3' } });
    });

    it('cancel a transaction with a conflict at one item, at all, or at those that match', async () => {
      const inject = (item?: number | 'all', table?: string) =>
        gate.faults.inject({
          match: table === undefined ? {} : { table },
          fault: { kind: 'conflict', ...(item === undefined ? {} : { item }) },
        });
      inject(1);
      expect(await reasons(client.send(transaction()))).toEqual(['None', 'TransactionConflict', 'None']);
      inject('all');
      expect(await reasons(client.send(transaction()))).toEqual(Array(3).fill('TransactionConflict'));
      inject(undefined, 'enrollments');
      expect(await reasons(client.send(transaction()))).toEqual(['TransactionConflict', 'None', 'None']);
      const stored = await operator.send(
        new QueryCommand({
          TableName: 'enrollments',
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': key().pk },
        }),
      );
      expect(stored.Count).toBe(0);
    });

    it('give the message of a cancelled transaction the codes in order', async () => {
      gate.faults.inject({ match: {}, fault: { kind: 'conflict', item: 2 } });
      await expect(client.send(transaction())).rejects.toThrow(
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, TransactionConflict]',
      );
    });

    it('throttle or fail the condition of one item of a transaction', async () => {
      gate.faults.inject({ match: {}, fault: { kind: 'item-throttle', item: 0 } });
      expect(await reasons(client.send(transaction()))).toEqual(['ThrottlingError', 'None', 'None']);
      gate.faults.inject({ match: {}, fault: { kind: 'condition-failed', item: 2 } });
      expect(await reasons(client.send(transaction()))).toEqual(['None', 'None', 'ConditionalCheckFailed']);
    });

    it('cancel a reading transaction with a conflict', async () => {
      gate.faults.inject({ match: { operation: 'TransactGetItems' }, fault: { kind: 'conflict' } });
      const read = new TransactGetItemsCommand({
        TransactItems: [{ Get: { TableName: 'enrollments', Key: key() } }],
      });
      expect(await reasons(client.send(read))).toEqual(['TransactionConflict']);
    });

    it('have their own exceptions for the write of a single item', async () => {
      const expected = [
        ['conflict', TransactionConflictException],
        ['item-throttle', ThrottlingException],
        ['condition-failed', ConditionalCheckFailedException],
      ] as const;
      for (const [fault, exception] of expected) {
        gate.faults.inject({ match: {}, fault: { kind: fault } });
        expect(await failure(client.send(put()))).toBeInstanceOf(exception);
      }
      expect(await stored()).toBeUndefined();
    });

    it('leave alone what they cannot happen to', async () => {
      const injected = [
        gate.faults.inject({ match: {}, fault: { kind: 'conflict' } }),
        gate.faults.inject({
          match: { operation: 'TransactWriteItems' },
          fault: { kind: 'conflict', item: 3 },
        }),
        gate.faults.inject({ match: { operation: 'GetItem' }, fault: { kind: 'condition-failed' } }),
      ];
      await client.send(get());
      injected[0]?.remove();
      await client.send(transaction());
      expect(injected.map((it) => it.count)).toEqual([0, 0, 0]);
    });

    it('lose the reply after the engine has committed, and tell listeners of the write', async () => {
      const written: string[] = [];
      const stop = gate.onWrite((table) => written.push(table));
      gate.faults.inject({ match: {}, fault: { kind: 'lost-reply' } });
      expect(await failure(client.send(put()))).toMatchObject({ code: 'ECONNRESET' });
      expect(await stored()).toEqual(key());
      expect(written).toEqual(['enrollments']);
      stop();
    });

    it('answer 500 without and with the effect', async () => {
      gate.faults.inject({ match: {}, fault: { kind: '500-before' } });
      const before = await failure(client.send(put()));
      expect(before).toBeInstanceOf(InternalServerError);
      expect(before).toMatchObject({ $metadata: { httpStatusCode: 500 } });
      expect(await stored()).toBeUndefined();
      gate.faults.inject({ match: {}, fault: { kind: '500-after' } });
      expect(await failure(client.send(put()))).toBeInstanceOf(InternalServerError);
      expect(await stored()).toEqual(key());
    });

    it('delay a request', async () => {
      gate.faults.inject({ match: {}, fault: { kind: 'delay', milliseconds: 50 } });
      const before = performance.now();
      await client.send(put());
      // Timers may fire a millisecond early.
      expect(performance.now() - before).toBeGreaterThanOrEqual(49);
      expect(await stored()).toEqual(key());
    });

    it('hit only what matches function, operation, table and key', async () => {
      const inject = (match: object) =>
        gate.faults.inject({ match, fault: { kind: 'throttle' }, times: Infinity });
      const misses = [
        { function: 'TakeQuiz' },
        { operation: 'UpdateItem' },
        { table: 'analytics' },
        { keyIncludes: `student-${pk}x` },
        { function: 'Enroll', table: 'analytics' },
      ].map(inject);
      await client.send(put());
      expect(misses.map((it) => it.count)).toEqual([0, 0, 0, 0, 0]);
      gate.faults.clear();
      const hits = {
        function: 'Enroll',
        operation: 'PutItem',
        table: 'enrollments',
        keyIncludes: `ent-${pk}`,
      };
      const hit = inject(hits);
      await expect(client.send(put())).rejects.toThrow();
      expect(hit.count).toBe(1);
    });

    it('look for a key in the keys, not in the rest of an item', async () => {
      const injected = gate.faults.inject({ match: { keyIncludes: 'secret' }, fault: { kind: 'throttle' } });
      const Item = { ...key(), note: { S: 'secret' } };
      await client.send(new PutItemCommand({ TableName: 'enrollments', Item }));
      expect(injected.count).toBe(0);
      const query = new QueryCommand({
        TableName: 'enrollments',
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'secret' } },
      });
      await expect(client.send(query)).rejects.toThrow();
    });

    it('spare the operator unless it is named', async () => {
      gate.faults.inject({ match: {}, fault: { kind: 'throttle' }, times: Infinity });
      await operator.send(get());
      gate.faults.inject({ match: { function: OPERATOR }, fault: { kind: 'throttle' } });
      await expect(operator.send(get())).rejects.toThrow();
    });

    it('start at the nth match and stop after so many times', async () => {
      const injected = gate.faults.inject({
        match: { operation: 'PutItem', nth: 2 },
        fault: { kind: 'throttle' },
        times: 2,
      });
      const outcomes: boolean[] = [];
      for (let n = 0; n < 5; n++) {
        await client.send(get());
        outcomes.push((await failure(client.send(put()))) === undefined);
      }
      expect(outcomes).toEqual([true, false, false, true, true]);
      expect(injected.count).toBe(2);
    });

    it('can be removed', async () => {
      const injected = gate.faults.inject({ match: {}, fault: { kind: 'throttle' }, times: Infinity });
      await expect(client.send(put())).rejects.toThrow();
      injected.remove();
      await client.send(put());
      expect(injected.count).toBe(1);
    });
  });
}
