import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import type { AuthorizedAccess } from '../dynamodb/authorize.ts';
import { type Reply, sendReply } from '../http/reply.ts';
import { isAllowed } from '../iam/iam-policy.ts';
import type { Principal } from '../iam/principals.ts';
import { listen } from '../listen.ts';
import { isDraft } from '../streams/failure-destination.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';
import { refOf } from '../template/resource-values.ts';

/** What functions see as S3: the template's buckets, each a folder in which a file's path is its key. */
export interface ObjectStore {
  /** Buckets are named in the path. */
  readonly endpoint: string;
  /** Calls `listener` with each access that a function asks for. Returns how to end that. */
  onAccess(listener: (access: AuthorizedAccess) => void): () => void;
  stop(): Promise<void>;
}

export interface ObjectStoreOptions {
  readonly template: SynthesisedTemplate;
  /** Who may call, by access key. */
  readonly principals: ReadonlyMap<string, Principal>;
  /** Holds a folder for each bucket, where there is something in it. */
  readonly folder: string;
}

const MOST_KEYS = 1000;

/** Answers ListObjectsV2, GetObject and DeleteObject, to who may; nothing else. */
export async function startObjectStore({
  template,
  principals,
  folder,
}: ObjectStoreOptions): Promise<ObjectStore> {
  const buckets = template
    .resources('AWS::S3::Bucket')
    .map(({ type, logicalId, properties }) => refOf(type, logicalId, (property) => properties[property]));
  const listeners = new Set<(access: AuthorizedAccess) => void>();
  const server = await listen({});

  async function answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(request.url ?? '/', server.url);
    const [, bucket = '', ...rest] = url.pathname.split('/');
    const key = rest.map(decodeURIComponent).join('/');
    const operation = operationOf(request.method, key, url.searchParams);
    if (operation === undefined) return refusal(501, 'NotImplemented', 'This is not answered here');
    const accessKeyId = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const principal = principals.get(accessKeyId);
    if (principal === undefined) {
      return refusal(403, 'InvalidAccessKeyId', 'The access key does not exist in our records.');
    }
    const action = `s3:${operation}`;
    const resource = `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}`;
    const allowed = isAllowed(principal.statements, { action, resource, context: {} });
    for (const listener of listeners) {
      listener({ functionName: principal.functionName, action, resource, allowed });
    }
    if (!allowed) {
      const text = `${principal.functionName} is not authorized to perform: ${action} on resource: ${resource}`;
      return refusal(403, 'AccessDenied', text);
    }
    if (!buckets.includes(bucket)) return refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const home = path.join(folder, bucket);
    if (operation === 'ListBucket') return await listing(home, bucket, url.searchParams);
    const file = path.join(home, key);
    const inside = file.startsWith(home + path.sep) && !isDraft(file);
    if (operation === 'DeleteObject') {
      if (inside) await rm(file, { force: true });
      return { status: 204, headers: [], body: Buffer.alloc(0) };
    }
    const content = inside ? await readFile(file).catch(unlessMissing) : undefined;
    if (content === undefined) return refusal(404, 'NoSuchKey', 'The specified key does not exist.');
    return { status: 200, headers: [['etag', etagOf(content)]], body: content };
  }

  server.serve({
    handleRequest(request, response) {
      answer(request)
        .catch((error: unknown) => refusal(500, 'InternalError', String(error)))
        .then((reply) => sendReply(request, response, reply))
        .catch(() => response.destroy());
    },
    handleUpgrade: (_request, socket) => socket.destroy(),
  });

  return {
    endpoint: server.url,
    onAccess(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => server.close(),
  };
}

/** The action that a role must allow for it. */
function operationOf(method = '', key: string, query: URLSearchParams) {
  if (key !== '') return method === 'GET' ? 'GetObject' : method === 'DELETE' ? 'DeleteObject' : undefined;
  const listsInUrlEncoding = query.get('list-type') === '2' && query.get('encoding-type') === 'url';
  return method === 'GET' && listsInUrlEncoding ? 'ListBucket' : undefined;
}

async function listing(home: string, bucket: string, query: URLSearchParams): Promise<Reply> {
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token');
  const after = token === null ? query.get('start-after') : Buffer.from(token, 'base64').toString('utf8');
  const most = Math.min(Number(query.get('max-keys') ?? MOST_KEYS), MOST_KEYS);
  const keys = (await keysIn(home))
    .filter((key) => key.startsWith(prefix) && (after === null || isAfter(key, after)))
    .sort((one, other) => (isAfter(one, other) ? 1 : -1));
  const page = keys.slice(0, most);
  const last = keys.length > page.length ? page.at(-1) : undefined;
  const contents = await Promise.all(page.map((key) => entryOf(home, key)));
  const listed = contents.filter((entry) => entry !== undefined);
  return xmlReply(
    200,
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name>` +
      `<Prefix>${urlEncoded(prefix)}</Prefix>` +
      (last === undefined ? '' : element('NextContinuationToken', Buffer.from(last).toString('base64'))) +
      `<KeyCount>${listed.length}</KeyCount><MaxKeys>${most}</MaxKeys><EncodingType>url</EncodingType>` +
      `<IsTruncated>${last !== undefined}</IsTruncated>${listed.join('')}</ListBucketResult>`,
  );
}

/** Undefined: it has gone since it was listed. */
async function entryOf(home: string, key: string): Promise<string | undefined> {
  const file = path.join(home, key);
  const [content, about] = await Promise.all([
    readFile(file).catch(unlessMissing),
    stat(file).catch(unlessMissing),
  ]);
  if (content === undefined || about === undefined) return undefined;
  const entry = [
    element('Key', urlEncoded(key)),
    element('LastModified', about.mtime.toISOString()),
    element('ETag', etagOf(content)),
    element('Size', String(about.size)),
    element('StorageClass', 'STANDARD'),
  ];
  return `<Contents>${entry.join('')}</Contents>`;
}

async function keysIn(home: string): Promise<readonly string[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true }).catch(unlessMissing);
  return (entries ?? [])
    .filter((entry) => entry.isFile() && !isDraft(entry.name))
    .map((entry) => path.relative(home, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
}

/** In the order of S3, which is that of the bytes of UTF-8. */
function isAfter(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
}

function etagOf(content: Buffer): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}

/** As S3 encodes keys: a slash stays, and a space becomes a plus. */
function urlEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1).replaceAll('%2F', '/');
}

function element(name: string, text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return `<${name}>${escaped}</${name}>`;
}

function refusal(status: number, code: string, message: string): Reply {
  return xmlReply(status, `<Error>${element('Code', code)}${element('Message', message)}</Error>`);
}

function xmlReply(status: number, xml: string): Reply {
  return {
    status,
    headers: [['content-type', 'application/xml']],
    body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`),
  };
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
    return undefined;
  }
  throw error;
}
