import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { ApiError, createApiClient } from '../../shared/client/api.ts';
import { routes } from '../../shared/client/routes.ts';
import { operations } from '../../shared/contracts/api.ts';
import type { Operation } from '../../shared/contracts/operation.ts';

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
