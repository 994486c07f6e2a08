import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../console/src/config.ts';
import { consolePage } from '../../infra/local/http/console-page.ts';
import { createStaticFiles } from '../../infra/local/http/static-files.ts';
import { scratchFolder } from '../../infra/local/scratch-folder.ts';
import { send, serve, type TestServer } from './http-support.ts';

let server: TestServer;
const home = scratchFolder('memory');

beforeAll(async () => {
  const folder = path.join(home, 'pages');
  await mkdir(path.join(folder, 'assets'), { recursive: true });
  await mkdir(path.join(home, 'pages-beside'));
  await Promise.all([
    writeFile(path.join(folder, 'index.html'), '<title>The page</title>'),
    writeFile(path.join(folder, 'own.js'), 'of the folder'),
    writeFile(path.join(folder, '.hidden'), 'secret'),
    writeFile(path.join(folder, 'assets', 'style.css'), 'body {}'),
    writeFile(path.join(home, 'outside.txt'), 'secret'),
    writeFile(path.join(home, 'pages-beside', 'outside.txt'), 'secret'),
    symlink(path.join(home, 'outside.txt'), path.join(folder, 'link.txt')),
  ]);
  const plain = createStaticFiles({ prefix: '/docs', folder, given: { 'own.js': 'given' } });
  const application = createStaticFiles(consolePage(folder));
  server = await serve(async (request, response) => {
    if (await plain(request, response)) return;
    if (!(await application(request, response))) response.writeHead(418).end();
  });
});

afterAll(async () => {
  await server.close();
  await rm(home, { recursive: true });
});

const get = (target: string, headers: [string, string][] = []) =>
  send(server.port, 'GET', target, { headers });

describe('a folder that is served', () => {
  test.each([
    ['/docs/', '<title>The page</title>', 'text/html; charset=utf-8'],
    ['/docs/index.html', '<title>The page</title>', 'text/html; charset=utf-8'],
    ['/docs/assets/style.css', 'body {}', 'text/css; charset=utf-8'],
    ['/docs/own.js', 'given', 'text/javascript; charset=utf-8'],
    ['/docs/index.html?v=1', '<title>The page</title>', 'text/html; charset=utf-8'],
  ])('answers %s with its content and its type', async (target, text, type) => {
    const answer = await get(target);
    expect(answer).toMatchObject({ status: 200, text });
    expect(answer.headers).toMatchObject({ 'content-type': type, 'x-content-type-options': 'nosniff' });
  });

  test('leads from its name to the page, with the query', async () => {
    const answer = await get('/docs?code=1');
    expect(answer.status).toBe(308);
    expect(answer.headers.location).toBe('/docs/?code=1');
  });

  test.each([
    '/docs/../outside.txt',
    '/docs/%2e%2e/outside.txt',
    '/docs/..%2foutside.txt',
    '/docs/assets/../../outside.txt',
    '/docs/..%5coutside.txt',
    '/docs/../pages-beside/outside.txt',
    '/docs//etc/passwd',
    '/docs/%2fetc%2fpasswd',
    '/docs/link.txt',
    '/docs/.hidden',
    '/docs/assets',
    '/docs/assets/',
    '/docs/index.html/more',
    '/docs/toString',
    '/docs/nothing.js',
    '/console/../outside.txt',
    '/console/nothing.js',
  ])('has nothing at %s', async (target) => {
    const answer = await get(target);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('secret');
  });

  test.each(['/', '/docsy', '/doc', '/openapi.json'])('leaves %s to others', async (target) => {
    expect((await get(target)).status).toBe(418);
  });

  test('answers with 304 to whoever has the file already', async () => {
    const { headers } = await get('/docs/index.html');
    expect(headers.etag).toBeDefined();
    const again = await get('/docs/index.html', [['if-none-match', headers.etag ?? '']]);
    expect(again).toMatchObject({ status: 304, text: '' });
  });

  test('takes nothing but GET and HEAD', async () => {
    expect((await send(server.port, 'POST', '/docs/')).status).toBe(405);
    const head = await send(server.port, 'HEAD', '/docs/');
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers['content-length']).toBe('23');
  });
});

test('the console is served with its configuration, and may load nothing from elsewhere', async () => {
  const page = await get('/console/');
  expect(page).toMatchObject({ status: 200, text: '<title>The page</title>' });
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  const config: unknown = JSON.parse((await get('/console/config.json')).text);
  // In a way that its pages understand.
  expect(readConfig(config, 'http://school.example/console/')).toEqual({
    apiUrl: 'http://school.example',
    graphqlUrl: 'http://school.example/graphql',
    signIn: { kind: 'local', url: 'http://school.example/local/token' },
  });
});
