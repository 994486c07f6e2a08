import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessKeyIdFor, principalsOf } from '../../infra/local/iam/principals.ts';
import { type ObjectStore, startObjectStore } from '../../infra/local/objects/object-store.ts';
import type { SynthesisedTemplate } from '../../infra/local/template/resource.ts';
import { resolveTemplate } from '../../infra/local/template/template.ts';
import { createBucket } from '../../shared/runtime/bucket.ts';

const may = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const bucketArn = { 'Fn::GetAtt': ['Kept', 'Arn'] };
const below = { 'Fn::Join': ['', [bucketArn, '/aws/*']] };
const role = (...Statement: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: { Policies: [{ PolicyDocument: { Statement } }] },
});
const lambda = (name: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Role: { 'Fn::GetAtt': [name, 'Arn'] } },
});
const resources = resolveTemplate({
  Resources: {
    Kept: { Type: 'AWS::S3::Bucket', Properties: {} },
    CollectorRole: role(
      may('s3:ListBucket', bucketArn),
      may('s3:GetObject', below),
      may('s3:DeleteObject', below),
    ),
    Collector: lambda('CollectorRole'),
    ReaderRole: role(may('s3:GetObject', below)),
    Reader: lambda('ReaderRole'),
  },
});
const template: SynthesisedTemplate = {
  stackName: 'Test',
  resources: (type) => [...resources.values()].filter((resource) => resource.type === type),
  resource: (logicalId) => resources.get(logicalId)!,
  assetPath: (s3Key) => s3Key,
};

let folder: string;
let store: ObjectStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lockstep-objects-'));
  store = await startObjectStore({ template, principals: principalsOf(template), folder });
});
afterAll(async () => {
  await store.stop();
  await rm(folder, { recursive: true });
});

const bucketFor = (functionName: string, name = 'kept') =>
  createBucket({
    name,
    endpoint: store.endpoint,
    region: 'us-east-1',
    credentials: async () => ({ accessKeyId: accessKeyIdFor(functionName), secretAccessKey: 'local' }),
    // Without the time limit of a request: the store of a test shares its process, and may be busy for longer.
    fetch: (url, { signal: _, ...init } = {}) => fetch(url, init),
  });

async function put(key: string, content = key): Promise<string> {
  const file = path.join(folder, 'kept', key);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

describe('the local S3', () => {
  it('lists a bucket of which nothing was ever kept', async () => {
    const page = await bucketFor('Collector').list({ prefix: 'aws/' });
    expect(page).toEqual({ objects: [], next: undefined });
  });

  it('lists, reads and deletes the files of a folder as objects, but not what is being written', async () => {
    const bucket = bucketFor('Collector');
    const key = "aws/lambda/a b+c/é'(1).json";
    const at = new Date('2026-11-22T10:00:00.000Z');
    await utimes(await put(key, 'content'), at, at);
    await put('other/thing');
    await put('aws/lambda/x.json.1234.draft');
    expect(await bucket.list({ prefix: 'aws/' })).toEqual({
      objects: [{ key, bytes: 7, storedAt: at }],
      next: undefined,
    });
    expect(await bucket.read(key)).toBe('content');
    await bucket.remove(key);
    await bucket.remove(key);
    expect(await bucket.read(key)).toBeUndefined();
    expect(await bucket.read('aws/lambda/x.json.1234.draft')).toBeUndefined();
  });

  it('lists a thousand at once in the order of their bytes, and goes on where it ended', async () => {
    const bucket = bucketFor('Collector');
    const keys = Array.from({ length: 1002 }, (_, number) => `aws/many/${String(number).padStart(5, '0')}`);
    await Promise.all(keys.map((key) => put(key, '')));
    const first = await bucket.list({ prefix: 'aws/many/' });
    const second = await bucket.list({ prefix: 'aws/many/', next: first.next });
    expect([...first.objects, ...second.objects].map(({ key }) => key)).toEqual(keys);
    expect(second.next).toBeUndefined();
    const after = await bucket.list({ prefix: 'aws/many/', after: 'aws/many/01000' });
    expect(after.objects.map(({ key }) => key)).toEqual(['aws/many/01001']);
  });

  it("lets the function's role decide, and tells who asked", async () => {
    const asked: string[] = [];
    const end = store.onAccess(({ functionName, action, resource, allowed }) =>
      asked.push([functionName, action, resource, allowed].join(' ')),
    );
    await put('aws/one');
    await put('elsewhere/one');
    const reader = bucketFor('Reader');
    expect(await reader.read('aws/one')).toBe('aws/one');
    await expect(reader.read('elsewhere/one')).rejects.toThrow('403');
    await expect(reader.remove('aws/one')).rejects.toThrow('403');
    await expect(reader.list({ prefix: '' })).rejects.toThrow('403');
    await expect(bucketFor('Nobody').read('aws/one')).rejects.toThrow('403');
    await expect(bucketFor('Collector', 'another').read('aws/one')).rejects.toThrow('403');
    end();
    expect(asked).toEqual([
      'Reader s3:GetObject arn:aws:s3:::kept/aws/one true',
      'Reader s3:GetObject arn:aws:s3:::kept/elsewhere/one false',
      'Reader s3:DeleteObject arn:aws:s3:::kept/aws/one false',
      'Reader s3:ListBucket arn:aws:s3:::kept false',
      'Collector s3:GetObject arn:aws:s3:::another/aws/one false',
    ]);
  });

  it('reads nothing beside its folder, and answers nothing that it does not know', async () => {
    await writeFile(path.join(folder, 'secret'), 'secret');
    const headers = { authorization: `Credential=${accessKeyIdFor('Reader')}/` };
    const beside = await fetch(`${store.endpoint}/kept/aws/..%2F..%2Fsecret`, { headers });
    expect([beside.status, await beside.text()]).toEqual([404, expect.stringContaining('NoSuchKey')]);
    const written = await fetch(`${store.endpoint}/kept/aws/x`, { method: 'PUT', body: 'x', headers });
    expect([written.status, await written.text()]).toEqual([501, expect.stringContaining('NotImplemented')]);
  });
});
