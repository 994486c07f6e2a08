import { open, realpath } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { parseTarget, type RequestTarget } from './payload.ts';
import { jsonReply, type Reply, sendReply } from './reply.ts';

/** A folder of files under a path of the local address. */
export interface StaticFiles {
  /** Such as `/docs`. The page is at `/docs/`; without the slash a browser is led there. */
  readonly prefix: `/${string}`;
  readonly folder: string;
  /** Files, by their path below the prefix, that are served as given and hide the folder's own. */
  readonly given?: Readonly<Record<string, string>>;
  /** Sent with every file. */
  readonly headers?: Readonly<Record<string, string>>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/**
 * Serves a folder, a folder in it by its `index.html`. The handler answers false, with nothing read or sent, for a
 * path outside the prefix. Nothing outside the folder is served, by whatever path or link, and no file whose name
 * begins with a dot.
 */
export function createStaticFiles({
  prefix,
  folder,
  given = {},
  headers: always = {},
}: StaticFiles): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  async function answer(request: IncomingMessage, { path: asked, rawQueryString }: RequestTarget) {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return jsonReply(405, { message: 'Method Not Allowed' }, { allow: 'GET, HEAD' });
    }
    if (asked === prefix) return ledTo(`${prefix}/`, rawQueryString);
    const parts = asked.slice(prefix.length + 1).split('/');
    if (!parts.every(isName)) return notFound();
    const name = parts.join('/');
    if (name === '' || name.endsWith('/')) return (await file(request, `${name}index.html`)) ?? notFound();
    return (await file(request, name)) ?? notFound();
  }

  async function file(request: IncomingMessage, name: string): Promise<Reply | undefined> {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    if (own !== undefined) return contentReply(name, Buffer.from(own), Object.entries(always));
    const stored = await readInside(folder, name);
    if (stored === undefined) return undefined;
    const { tag, content } = stored;
    const headers: Reply['headers'] = [['etag', tag], ...Object.entries(always)];
    if (request.headers['if-none-match'] === tag) return { status: 304, headers, body: Buffer.alloc(0) };
    return contentReply(name, content, headers);
  }

  return async (request, response) => {
    const target = parseTarget(request.url ?? '/');
    if (target === undefined) return false;
    if (target.path !== prefix && !target.path.startsWith(`${prefix}/`)) return false;
    sendReply(request, response, await answer(request, target));
    return true;
  };
}

/** The part of a path between slashes: the last is empty where a folder is meant. */
function isName(part: string, index: number, parts: readonly string[]): boolean {
  if (part === '') return index === parts.length - 1;
  return !part.startsWith('.') && !part.includes('\\');
}

async function readInside(
  folder: string,
  name: string,
): Promise<{ tag: string; content: Buffer } | undefined> {
  try {
    const [home, found] = await Promise.all([realpath(folder), realpath(path.join(folder, name))]);
    if (!found.startsWith(home + path.sep)) return undefined;
    const handle = await open(found, 'r');
    try {
      const { mtimeMs, size } = await handle.stat();
      return { tag: `W/"${mtimeMs.toString(36)}-${size.toString(36)}"`, content: await handle.readFile() };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG')
      return undefined;
    throw error;
  }
}

function contentReply(name: string, body: Buffer, headers: Reply['headers']): Reply {
  const type = CONTENT_TYPES[path.extname(name).toLowerCase()] ?? 'application/octet-stream';
  return {
    status: 200,
    // Browsers ask again each time: what is built anew on this machine is what is shown.
    headers: [
      ['content-type', type],
      ['cache-control', 'no-cache'],
      ['x-content-type-options', 'nosniff'],
      ...headers,
    ],
    body,
  };
}

function ledTo(place: string, rawQueryString: string): Reply {
  const location = rawQueryString === '' ? place : `${place}?${rawQueryString}`;
  return { status: 308, headers: [['location', location]], body: Buffer.alloc(0) };
}

function notFound(): Reply {
  return jsonReply(404, { message: 'Not Found' });
}
