import { type ObjectPage, readListing } from './object-listing.ts';
import { createSignedFetch, type SigningOptions } from './signed-fetch.ts';

export interface BucketOptions extends SigningOptions {
  readonly name: string;
  /** Another address than that of S3; the bucket is then the first part of the path. */
  readonly endpoint?: string | undefined;
}

/** A bucket of S3. Everything rejects when S3 does not do as asked, with its status and nothing of its reply. */
export interface Bucket {
  /** A page of at most a thousand objects whose keys begin with `prefix`, those after `after`, or the next page. */
  list(from: {
    readonly prefix: string;
    readonly after?: string | undefined;
    readonly next?: string | undefined;
  }): Promise<ObjectPage>;
  /** An object's text. Undefined: it is not there. */
  read(key: string): Promise<string | undefined>;
  /** Also resolves where it is not there. */
  remove(key: string): Promise<void>;
}

/** The three calls of S3 that are needed; its client alone outweighs what a bundle may have. */
export function createBucket(options: BucketOptions): Bucket {
  const { name, endpoint, region } = options;
  const send = createSignedFetch('s3', options);

  const addressOf = async (path: string) => {
    if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, '')}/${name}${path}`;
    return `https://${name}.s3.${typeof region === 'string' ? region : await region()}.amazonaws.com${path}`;
  };

  return {
    async list({ prefix, after, next }) {
      const query = {
        'list-type': '2',
        'encoding-type': 'url',
        prefix,
        ...(after !== undefined && { 'start-after': after }),
        ...(next !== undefined && { 'continuation-token': next }),
      };
      const text = Object.entries(query).map(([field, value]) => `${field}=${encode(value)}`);
      const reply = await send(await addressOf(`/?${text.join('&')}`), { method: 'GET' });
      if (!reply.ok) throw new BucketError('list', reply.status);
      return readListing(await reply.text());
    },
    async read(key) {
      const reply = await send(await addressOf(pathOf(key)), { method: 'GET' });
      if (reply.status === 404) return undefined;
      if (!reply.ok) throw new BucketError('read', reply.status);
      return reply.text();
    },
    async remove(key) {
      const reply = await send(await addressOf(pathOf(key)), { method: 'DELETE' });
      if (!reply.ok && reply.status !== 404) throw new BucketError('remove', reply.status);
    },
  };
}

class BucketError extends Error {
  override readonly name = 'BucketError';

  constructor(call: string, status: number) {
    super(`S3 replied ${status} to ${call}`);
  }
}

function pathOf(key: string): string {
  return `/${key.split('/').map(encode).join('/')}`;
}

/** As RFC 3986 has it, which leaves fewer characters than `encodeURIComponent`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
