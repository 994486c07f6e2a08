import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { describeApi } from '../../functions/http/describe-api.ts';
import { ApiError, createApiClient } from '../../shared/client/api.ts';
import { routes } from '../../shared/client/routes.ts';
import { operations } from '../../shared/contracts/api.ts';
import type { Operation } from '../../shared/contracts/operation.ts';
import { openApiDocument } from '../../shared/contracts/openapi.ts';
import { STATUS_OF } from '../../shared/runtime/problem.ts';

const document = openApiDocument({ statusOf: (code) => STATUS_OF[code] });

/** What a description of an operation holds, as far as these tests look. */
interface Described {
  parameters: { name: string; in: string; required: boolean }[];
  responses: Record<string, { description: string }>;
  security?: unknown[];
  requestBody?: {
    description?: string;
    content: { 'application/json': { schema: { required?: string[] } } };
  };
}

function described(operation: Operation): Described {
  return document.paths[operation.path]?.[operation.method.toLowerCase()] as unknown as Described;
}

describe('the OpenAPI document', () => {
  it.each(Object.entries<Operation>(operations))(
    'has %s with its parameters and every refusal',
    (_name, operation) => {
      const { parameters, responses, security } = described(operation);
      const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(parameters.filter((each) => each.in === 'path').map((each) => each.name)).toEqual(inPath);
      expect(parameters.every((each) => each.required === (each.in === 'path'))).toBe(true);
      for (const code of ['invalid_request' as const, ...operation.errors]) {
        expect(responses[STATUS_OF[code]]?.description.split(', ')).toContain(code);
      }
      expect(security).toEqual(operation.audience === 'public' ? [] : undefined);
    },
  );

  it('refers only to schemas and headers that it has', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    expect([...text.matchAll(/"\$ref":/g)]).toHaveLength(references.length);
    for (const [, kind = '', name = ''] of references) {
      expect(Object.entries(document.components)).toContainEqual([
        kind,
        expect.objectContaining({ [name]: expect.anything() }),
      ]);
    }
  });

  it('describes ids as strings and what a body must have', () => {
    const schemas = document.components.schemas as Record<string, { properties: Record<string, unknown> }>;
    expect(schemas.EnrollmentView?.properties.courseId).toMatchObject({ type: 'string' });
    const put = described(operations['put-course']).requestBody?.content['application/json'].schema;
    expect(put?.required).toEqual(['title', 'access', 'outline']);
  });

  it('describes a file by its type and a signed body without a key', () => {
    expect(described(operations['get-certificate-pdf']).responses[200]).toMatchObject({
      content: { 'application/pdf': {} },
    });
    const signed = described(operations['receive-payment-event']);
    expect(signed.requestBody?.description).toContain('signature');
    expect(signed.parameters).toEqual([]);
  });

  it('is made once and has none of the keys that only refer to schemas elsewhere', async () => {
    const describe = describeApi({ statusOf: () => 400 });
    expect(await describe()).toBe(await describe());
    expect(JSON.stringify(document)).not.toMatch(/"\$(schema|id|defs)"/);
  });
});

describe('the HTTP client', () => {
  const answering = (status: number, body: string, headers: Record<string, string> = {}) => {
    const requests: { address: string; init: RequestInit | undefined }[] = [];
    const client = createApiClient({
      url: 'http://x.test/base/',
      token: () => Promise.resolve('t'),
      fetch: (address, init) => {
        requests.push({ address: String(address), init });
        return Promise.resolve(new Response(status === 304 ? null : body, { status, headers }));
      },
    });
    return { client, requests };
  };

  it('has the route of every operation', () => {
    expect(Object.entries(routes)).toEqual(
      Object.entries<Operation>(operations).map(([name, { method, path }]) => [name, [method, path]]),
    );
  });

  it('sends parameters, query, body, key and token', async () => {
    const { client, requests } = answering(200, '{}');
    await client.call('record-video-beat', {
      params: { courseId: 'a:b', videoId: 'v' },
      body: { positionSeconds: 1 },
      idempotencyKey: 'k',
    });
    await client.call('get-admin-students', { query: { limit: 2, cursor: 'a+b' } });
    expect(requests.map((request) => request.address)).toEqual([
      'http://x.test/base/me/courses/a%3Ab/videos/v/beats',
      'http://x.test/base/admin/students?limit=2&cursor=a%2Bb',
    ]);
    expect(requests[0]?.init).toMatchObject({
      method: 'POST',
      body: '{"positionSeconds":1}',
      headers: { authorization: 'Bearer t', 'idempotency-key': 'k', 'content-type': 'application/json' },
    });
  });

  it('gives body, entity tag and request id', async () => {
    const { client } = answering(200, '{"userId":"ann"}', { etag: '"e"', 'x-request-id': 'r' });
    expect(await client.call('get-student-dashboard')).toEqual({
      status: 200,
      body: { userId: 'ann' },
      etag: '"e"',
      requestId: 'r',
    });
  });

  it('says nothing for what has not changed', async () => {
    const { client, requests } = answering(304, '');
    expect(await client.revalidate('get-student-dashboard', '"e"')).toBeUndefined();
    expect(requests[0]?.init?.headers).toMatchObject({ 'if-none-match': '"e"' });
  });

  it('throws the problem of a refusal', async () => {
    const problem = {
      title: 'No',
      status: 409,
      code: 'not_enrolled',
      details: { courseId: 'c' },
      requestId: 'r',
    };
    const { client } = answering(409, JSON.stringify(problem), { 'retry-after': '1' });
    const error = await client.call('get-student-dashboard').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, problem, retryAfterSeconds: 1 });
  });

  it('throws for a reply that is not of this API', async () => {
    for (const status of [200, 502]) {
      const { client } = answering(status, '<html>');
      await expect(client.call('get-student-dashboard')).rejects.toMatchObject({ status });
    }
  });

  it('is small enough for a page', async () => {
    const entry = new URL('../../shared/client/api.ts', import.meta.url).pathname;
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
    });
    // As it comes over the wire: most of it are the routes, which are much alike.
    expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(2_500);
  });
});
