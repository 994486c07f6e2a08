import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEngine } from '../../infra/local/dynamodb/engine.ts';
import type { Engine } from '../../infra/local/dynamodb/engine-process.ts';
import { startGate } from '../../infra/local/dynamodb/gate.ts';
import type { Gate } from '../../infra/local/dynamodb/gate.ts';
import { PolicyDocument } from '../../infra/local/iam/iam-policy.ts';
import { accessKeyIdFor } from '../../infra/local/iam/principals.ts';
import type { Principal } from '../../infra/local/iam/principals.ts';
import { createTables } from '../../infra/local/dynamodb/tables.ts';
import type { CreatedTable } from '../../infra/local/dynamodb/tables.ts';
import { clientFor, indexedTableResource, tableResource } from './database.ts';
import { ENGINES } from '../support/engines.ts';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table';
const OPERATOR_KEY = 'OPERATORKEY';

for (const { kind, missing, note } of ENGINES) {
  describe.skipIf(missing)(`the gate before ${kind}${note}`, () => {
    let engine: Engine;
    let gate: Gate;
    let tables: CreatedTable[];
    let client: DynamoDBClient;
    let operator: DynamoDBClient;
    const principals = new Map<string, Principal>();

    beforeAll(async () => {
      engine = await startEngine({ kind });
      tables = await createTables(
        [indexedTableResource('enrollments'), tableResource('analytics')],
        engine.endpoint,
      );
      gate = await startGate({
        engine,
        tables,
        principals,
        operatorAccessKeyId: OPERATOR_KEY,
      });
    });

    afterAll(async () => {
      await gate.stop();
      await engine.stop();
    });

    beforeEach(() => {
      client = clientFor(gate.endpoint, accessKeyIdFor('Enroll'));
      operator = clientFor(gate.endpoint, OPERATOR_KEY);
      gate.meter.reset();
    });

    afterEach(() => {
      client.destroy();
      operator.destroy();
    });

    function allow(...statements: object[]): void {
      const Statement = statements.map((it) => ({ Effect: 'Allow', ...it }));
      principals.set(accessKeyIdFor('Enroll'), {
        functionName: 'Enroll',
        roleName: 'EnrollRole',
        statements: PolicyDocument.parse({ Statement }).Statement,
      });
    }

    const key = (pk: string) => ({ pk: { S: pk }, sk: { S: '-' } });
    const put = (pk: string, TableName = 'enrollments') => new PutItemCommand({ TableName, Item: key(pk) });
    const denied = (action: string, resource: string) =>
      expect.objectContaining({
        name: 'AccessDeniedException',
        message: expect.stringContaining(
          `User: arn:aws:sts::000000000000:assumed-role/EnrollRole/Enroll is not authorized to perform: ` +
            `dynamodb:${action} on resource: ${resource} because no identity-based policy allows the dynamodb:${action} action`,
        ),
      });

    describe('authorisation', () => {
      it('does not know an access key of nobody', async () => {
        const stranger = clientFor(gate.endpoint, 'AKIASTRANGER');
        await expect(stranger.send(put('a'))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
        stranger.destroy();
      });

      it('wants a signature', async () => {
        const reply = await fetch(gate.endpoint, {
          method: 'POST',
          headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' },
          body: '{}',
        });
        expect(reply.status).toBe(400);
        expect(await reply.json()).toMatchObject({
          __type: expect.stringContaining('MissingAuthenticationTokenException'),
        });
      });

      it('refuses a body it cannot read', async () => {
        const reply = await fetch(gate.endpoint, {
          method: 'POST',
          headers: {
            'x-amz-target': 'DynamoDB_20120810.PutItem',
            authorization: `AWS4-HMAC-SHA256 Credential=${OPERATOR_KEY}/x`,
          },
          body: '{"TableName":',
        });
        expect(reply.status).toBe(400);
        expect(await reply.json()).toMatchObject({
          __type: expect.stringContaining('SerializationException'),
        });
      });

      it('lets the operator do everything', async () => {
        await operator.send(put('operator'));
        const { Item } = await operator.send(
          new GetItemCommand({ TableName: 'enrollments', Key: key('operator') }),
        );
        expect(Item).toEqual(key('operator'));
      });

      it('allows the action on the table that the policy names and nothing else', async () => {
        allow({ Action: 'dynamodb:PutItem', Resource: `${ARN}/enrollments` });
        await client.send(put('a'));
        await expect(client.send(put('a', 'analytics'))).rejects.toEqual(
          denied('PutItem', `${ARN}/analytics`),
        );
        await expect(
          client.send(new GetItemCommand({ TableName: 'enrollments', Key: key('a') })),
        ).rejects.toEqual(denied('GetItem', `${ARN}/enrollments`));
      });

      it('tells what a function asked for and whether it may, and nothing of the operator', async () => {
        allow({ Action: 'dynamodb:PutItem', Resource: `${ARN}/enrollments` });
        const asked: string[] = [];
        const forget = gate.onAccess(({ functionName, action, resource, allowed }) =>
          asked.push(`${functionName} ${action} ${resource} ${allowed}`),
        );
        await client.send(put('told'));
        await client.send(put('told', 'analytics')).catch(() => undefined);
        await operator.send(put('told'));
        forget();
        await client.send(put('told'));
        expect(asked).toEqual([
          `Enroll dynamodb:PutItem ${ARN}/enrollments true`,
          `Enroll dynamodb:PutItem ${ARN}/analytics false`,
        ]);
      });

      it('authorises each item of a transaction by its own action and table', async () => {
        const write = new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName: 'enrollments', Item: key('t') } },
            {
              Update: {
                TableName: 'analytics',
                Key: key('t'),
                UpdateExpression: 'SET n = :n',
                ExpressionAttributeValues: { ':n': { N: '1' } },
              },
            },
            { Delete: { TableName: 'analytics', Key: key('d') } },
            {
              ConditionCheck: {
                TableName: 'enrollments',
                Key: key('c'),
                ConditionExpression: 'attribute_not_exists(pk)',
              },
            },
          ],
        });
        const steps = [
          ['PutItem', 'enrollments'],
          ['UpdateItem', 'analytics'],
          ['DeleteItem', 'analytics'],
          ['ConditionCheckItem', 'enrollments'],
        ] as const;
        const granted: object[] = [{ Action: 'dynamodb:TransactWriteItems', Resource: '*' }];
        for (const [action, table] of steps) {
          allow(...granted);
          await expect(client.send(write)).rejects.toEqual(denied(action, `${ARN}/${table}`));
          granted.push({ Action: `dynamodb:${action}`, Resource: `${ARN}/${table}` });
        }
        allow(...granted);
        await client.send(write);
      });

      it('can require a transaction for a write and for a read', async () => {
        allow({
          Action: ['dynamodb:PutItem', 'dynamodb:GetItem'],
          Resource: `${ARN}/enrollments`,
          Condition: {
            'ForAnyValue:StringEquals': {
              'dynamodb:EnclosingOperation': ['TransactWriteItems', 'TransactGetItems'],
            },
          },
        });
        const Put = { TableName: 'enrollments', Item: key('only-together') };
        await expect(client.send(new PutItemCommand(Put))).rejects.toEqual(
          denied('PutItem', `${ARN}/enrollments`),
        );
        await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }));
        const Get = { TableName: 'enrollments', Key: key('only-together') };
        const { Responses } = await client.send(new TransactGetItemsCommand({ TransactItems: [{ Get }] }));
        expect(Responses?.[0]?.Item).toEqual(Put.Item);
        await expect(client.send(new GetItemCommand(Get))).rejects.toThrow(/not authorized/);
      });

      it('authorises batches by table', async () => {
        allow(
          { Action: 'dynamodb:BatchGetItem', Resource: '*' },
          { Action: 'dynamodb:BatchWriteItem', Resource: `${ARN}/enrollments` },
        );
        const write = (table: string) =>
          new BatchWriteItemCommand({
            RequestItems: {
              enrollments: [{ DeleteRequest: { Key: key('x') } }],
              [table]: [{ PutRequest: { Item: key('y') } }],
            },
          });
        await client.send(write('enrollments'));
        await expect(client.send(write('analytics'))).rejects.toEqual(
          denied('BatchWriteItem', `${ARN}/analytics`),
        );
        const read = new BatchGetItemCommand({ RequestItems: { enrollments: { Keys: [key('y')] } } });
        expect((await client.send(read)).Responses?.enrollments).toEqual([key('y')]);
      });

      it('authorises a query on an index by the ARN of the index', async () => {
        allow({ Action: ['dynamodb:Query', 'dynamodb:Scan'], Resource: `${ARN}/enrollments` });
        const query = new QueryCommand({
          TableName: 'enrollments',
          IndexName: 'byCourse',
          KeyConditionExpression: 'course = :c',
          ExpressionAttributeValues: { ':c': { S: 'c1' } },
        });
        await client.send(new ScanCommand({ TableName: 'enrollments' }));
        await expect(client.send(query)).rejects.toEqual(
          denied('Query', `${ARN}/enrollments/index/byCourse`),
        );
        allow({ Action: 'dynamodb:Query', Resource: `${ARN}/enrollments/index/*` });
        await client.send(query);
      });

      it('can bind a caller to its own partition', async () => {
        allow({
          Action: ['dynamodb:*Item', 'dynamodb:Query', 'dynamodb:Batch*'],
          Resource: [`${ARN}/enrollments`, `${ARN}/enrollments/index/*`],
          Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['mine', 'c1'] } },
        });
        const query = (pk: string, index = false) =>
          new QueryCommand({
            TableName: 'enrollments',
            IndexName: index ? 'byCourse' : undefined,
            KeyConditionExpression: '#k = :k',
            ExpressionAttributeNames: { '#k': index ? 'course' : 'pk' },
            ExpressionAttributeValues: { ':k': { S: pk } },
          });
        await client.send(put('mine'));
        await client.send(query('mine'));
        await client.send(query('c1', true));
        const refusals = [
          put('theirs'),
          query('theirs'),
          query('c2', true),
          new BatchGetItemCommand({ RequestItems: { enrollments: { Keys: [key('mine'), key('theirs')] } } }),
          new QueryCommand({
            TableName: 'enrollments',
            KeyConditions: {
              pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'mine' }] },
            },
          }),
        ];
        for (const command of refusals) {
          await expect(client.send(command as PutItemCommand)).rejects.toMatchObject({
            name: 'AccessDeniedException',
          });
        }
      });

      it('can bind a caller to attributes', async () => {
        allow({
          Action: ['dynamodb:UpdateItem', 'dynamodb:GetItem'],
          Resource: `${ARN}/enrollments`,
          Condition: {
            'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'sk', 'progress'] },
            StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
          },
        });
        const update = (name: string) =>
          new UpdateItemCommand({
            TableName: 'enrollments',
            Key: key('a'),
            UpdateExpression: 'SET #n = if_not_exists(progress, :zero)',
            ConditionExpression: 'attribute_not_exists(progress.done) OR progress BETWEEN :zero AND :zero',
            ExpressionAttributeNames: { '#n': name },
            ExpressionAttributeValues: { ':zero': { N: '0' } },
          });
        await client.send(update('progress'));
        await expect(client.send(update('status'))).rejects.toThrow(/not authorized/);
        const get = { TableName: 'enrollments', Key: key('a') };
        await client.send(new GetItemCommand({ ...get, ProjectionExpression: 'progress' }));
        await expect(client.send(new GetItemCommand(get))).rejects.toThrow(/not authorized/);
      });

      it('names what it does not support in a policy', async () => {
        const Condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
        allow({ Action: '*', Resource: '*', Condition });
        await expect(client.send(put('a'))).rejects.toThrow(
          /not supported here: condition operator IpAddress/,
        );
      });

      it('says when a statement denies', async () => {
        allow({ Action: '*', Resource: '*' }, { Effect: 'Deny', Action: 'dynamodb:PutItem', Resource: '*' });
        await expect(client.send(put('a'))).rejects.toThrow(
          /with an explicit deny in an identity-based policy/,
        );
      });

      it('does not take statements of a query language apart', async () => {
        allow({ Action: 'dynamodb:*', Resource: `${ARN}/*` });
        const select = new ExecuteStatementCommand({ Statement: 'SELECT * FROM "enrollments"' });
        await expect(client.send(select)).rejects.toMatchObject({ name: 'AccessDeniedException' });
      });

      it('authorises stream reads by the ARN of the stream', async () => {
        const streams = new DynamoDBStreamsClient({
          endpoint: gate.endpoint,
          region: 'us-east-1',
          credentials: { accessKeyId: accessKeyIdFor('Enroll'), secretAccessKey: 'secret' },
          maxAttempts: 1,
        });
        const StreamArn = tables[0]?.engineStreamArn;
        const Action = ['DescribeStream', 'GetShardIterator', 'GetRecords'].map((it) => `dynamodb:${it}`);
        allow({ Action, Resource: `${ARN}/enrollments/stream/*` });
        const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
        const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
        const { ShardIterator } = await streams.send(
          new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
        );
        const read = new GetRecordsCommand({ ShardIterator });
        expect((await streams.send(read)).Records).toBeInstanceOf(Array);
        allow({ Action, Resource: `${ARN}/analytics/stream/*` });
        await expect(streams.send(read)).rejects.toThrow(/on resource: .*table\/enrollments\/stream\/local/);
        streams.destroy();
      });
    });

    describe('metering', () => {
      const transactionFactor = kind === 'dynoxide' ? 1 : 2;

      beforeEach(() => allow({ Action: '*', Resource: '*' }));

      it('counts units and requests by function and table, indexes included', async () => {
        const Item = { ...key('m'), course: { S: 'c1' } };
        await client.send(new PutItemCommand({ TableName: 'enrollments', Item: key('m') }));
        await client.send(new GetItemCommand({ TableName: 'enrollments', Key: key('m') }));
        const before = gate.meter.snapshot();
        await client.send(new PutItemCommand({ TableName: 'enrollments', Item }));
        await client.send(put('m', 'analytics'));
        await client.send(
          new GetItemCommand({ TableName: 'enrollments', Key: key('m'), ConsistentRead: true }),
        );
        await operator.send(put('m', 'analytics'));
        const usage = gate.meter.since(before);
        expect(usage).toEqual({
          Enroll: {
            requests: 3,
            readUnits: 1,
            writeUnits: 3,
            operations: { PutItem: 2, GetItem: 1 },
            tables: {
              enrollments: { requests: 2, readUnits: 1, writeUnits: 2, indexUnits: 1 },
              analytics: { requests: 1, readUnits: 0, writeUnits: 1, indexUnits: 0 },
            },
          },
          operator: {
            requests: 1,
            readUnits: 0,
            writeUnits: 1,
            operations: { PutItem: 1 },
            tables: { analytics: { requests: 1, readUnits: 0, writeUnits: 1, indexUnits: 0 } },
          },
        });
        expect(gate.meter.snapshot().Enroll?.requests).toBe(5);
        gate.meter.reset();
        expect(gate.meter.snapshot()).toEqual({});
      });

      it('counts transactions and batches on each of their tables', async () => {
        const Put = (TableName: string) => ({ Put: { TableName, Item: key('tx') } });
        await client.send(
          new TransactWriteItemsCommand({ TransactItems: [Put('analytics'), Put('enrollments')] }),
        );
        await client.send(new BatchGetItemCommand({ RequestItems: { analytics: { Keys: [key('tx')] } } }));
        expect(gate.meter.snapshot().Enroll).toMatchObject({
          requests: 2,
          readUnits: 0.5,
          writeUnits: 4 * transactionFactor,
          tables: {
            enrollments: { requests: 1, writeUnits: 2 * transactionFactor },
            analytics: { requests: 2 },
          },
        });
      });

      it('does not count what was denied', async () => {
        allow();
        await expect(client.send(put('a'))).rejects.toThrow();
        expect(gate.meter.snapshot()).toEqual({});
      });

      it('answers with the consumed capacity that the caller asked for', async () => {
        const Item = { ...key('asked'), course: { S: 'c1' } };
        const ask = (ReturnConsumedCapacity?: 'INDEXES' | 'TOTAL' | 'NONE') =>
          client.send(
            new PutItemCommand({
              TableName: 'enrollments',
              Item: { ...Item, at: { S: String(Math.random()) } },
              ReturnConsumedCapacity,
            }),
          );
        expect((await ask()).ConsumedCapacity).toBeUndefined();
        expect((await ask('NONE')).ConsumedCapacity).toBeUndefined();
        expect((await ask('TOTAL')).ConsumedCapacity).toEqual({ TableName: 'enrollments', CapacityUnits: 2 });
        expect((await ask('INDEXES')).ConsumedCapacity).toMatchObject({
          Table: { CapacityUnits: 1 },
          GlobalSecondaryIndexes: { byCourse: { CapacityUnits: 1 } },
        });
        expect(gate.meter.snapshot().Enroll?.writeUnits).toBe(8);
      });
    });

    describe('what it passes on', () => {
      beforeEach(() => allow({ Action: '*', Resource: '*' }));

      it('is what the engine said, errors too', async () => {
        const conditional = new PutItemCommand({
          TableName: 'enrollments',
          Item: key('twice'),
          ConditionExpression: 'attribute_not_exists(pk)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        await client.send(conditional);
        const error = await client.send(conditional).catch((it: unknown) => it);
        expect(error).toBeInstanceOf(ConditionalCheckFailedException);
        expect((error as ConditionalCheckFailedException).Item).toEqual(key('twice'));
      });

      it('keeps text as it is, in both directions', async () => {
        const text = 'ünïcødé 数学 🎓 "quoted" \\ \u2028 \0'.repeat(2_000);
        const Item = { ...key('text'), text: { S: text } };
        await client.send(
          new PutItemCommand({ TableName: 'enrollments', Item, ReturnConsumedCapacity: 'TOTAL' }),
        );
        const read = await client.send(new GetItemCommand({ TableName: 'enrollments', Key: key('text') }));
        expect(read.Item).toEqual(Item);
      });

      it('tells listeners the tables of successful writes only', async () => {
        const written: string[] = [];
        const stop = gate.onWrite((table) => written.push(table));
        const check = {
          TableName: 'analytics',
          Key: key('w'),
          ConditionExpression: 'attribute_not_exists(pk)',
        };
        const Put = { TableName: 'enrollments', Item: key('w') };
        await client.send(new GetItemCommand({ TableName: 'enrollments', Key: key('w') }));
        expect(written).toEqual([]);
        await client.send(
          new TransactWriteItemsCommand({ TransactItems: [{ Put }, { ConditionCheck: check }] }),
        );
        expect(written).toEqual(['enrollments']);
        const failing = { ...Put, ConditionExpression: 'attribute_not_exists(pk)' };
        await expect(client.send(new PutItemCommand(failing))).rejects.toThrow();
        expect(written).toEqual(['enrollments']);
        stop();
        await client.send(new PutItemCommand(Put));
        expect(written).toEqual(['enrollments']);
      });
    });
  });
}
