import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBucket } from '../../shared/runtime/bucket.ts';
import { readListing } from '../../shared/runtime/object-listing.ts';

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

function bucketOf(replies: readonly Response[], endpoint?: string) {
  const sent: Sent[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    sent.push({
      method: init?.method ?? '',
      url: new URL(String(url)),
      headers: new Headers(init?.headers),
    });
    return replies[sent.length - 1] ?? new Response('', { status: 500 });
  };
  const bucket = createBucket({
    name: 'kept',
    region: async () => 'eu-west-1',
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }),
    fetch,
    endpoint,
  });
  return { bucket, sent };
}

/** What a signature must be by the published rules, computed from the request as it arrives. */
function signatureOf({ method, url, headers }: Sent): string {
  const [, date = '', names = ''] =
    /Credential=AKID\/(\d{8})\/eu-west-1\/s3\/aws4_request, SignedHeaders=([^,]+),/.exec(
      headers.get('authorization') ?? '',
    ) ?? [];
  const arrived = new Headers(headers);
  arrived.set('host', url.host);
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
  const path = url.pathname.split('/').map(decodeURIComponent).map(encoded).join('/');
  const lines = names.split(';').map((name) => `${name}:${arrived.get(name)}\n`);
  const hashed = (text: string) => createHash('sha256').update(text).digest('hex');
  const canonical = [method, path, query, lines.join(''), names, hashed('')].join('\n');
  const scope = `${date}/eu-west-1/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers.get('x-amz-date'), scope, hashed(canonical)].join('\n');
  const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = ['eu-west-1', 's3', 'aws4_request'].reduce(mac, mac('AWS4secret', date));
  return createHmac('sha256', key).update(toSign).digest('hex');
}

const entry = (key: string, rest = '<Size>7</Size><StorageClass>STANDARD</StorageClass>') =>
  `<Contents><Key>${key}</Key><LastModified>2026-11-22T10:00:00.000Z</LastModified>` +
  `<ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag>${rest}</Contents>`;
const listed = (entries: readonly string[], about = '<IsTruncated>false</IsTruncated>') =>
  '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
  `<Name>kept</Name><Prefix/><KeyCount>${entries.length}</KeyCount><MaxKeys>1000</MaxKeys>` +
  `<EncodingType>url</EncodingType>${about}${entries.join('')}</ListBucketResult>`;

describe('a bucket', () => {
  it('is asked at its own address, by calls whose signature S3 computes likewise', async () => {
    const replies = [listed([]), 'content', null].map((body) => new Response(body));
    const { bucket, sent } = bucketOf(replies);
    const key = "aws/lambda/a b+c/d'(1)*!/é&=.json";
    await bucket.list({ prefix: 'aws/lambda/', after: 'aws/lambda/a b', next: 'a+/b==' });
    expect(await bucket.read(key)).toBe('content');
    await bucket.remove(key);

    expect(sent.map(({ method, url }) => `${method} ${url.host}`)).toEqual(
      ['GET', 'GET', 'DELETE'].map((method) => `${method} kept.s3.eu-west-1.amazonaws.com`),
    );
    expect(sent.map(({ url }) => decodeURIComponent(url.pathname))).toEqual(['/', `/${key}`, `/${key}`]);
    expect(Object.fromEntries(sent[0]!.url.searchParams)).toEqual({
      'list-type': '2',
      'encoding-type': 'url',
      prefix: 'aws/lambda/',
      'start-after': 'aws/lambda/a b',
      'continuation-token': 'a+/b==',
    });
    for (const request of sent) {
      const { headers } = request;
      expect(headers.get('authorization')?.split('Signature=')[1]).toBe(signatureOf(request));
      expect(headers.get('authorization')).toContain('x-amz-security-token');
      expect(headers.get('x-amz-content-sha256')).toBe(createHash('sha256').update('').digest('hex'));
    }
  });

  it('is asked elsewhere where an address is given, under its name', async () => {
    const { bucket, sent } = bucketOf([new Response('content')], 'http://127.0.0.1:4321/');
    await bucket.read('aws/x');
    expect(sent[0]?.url.href).toBe('http://127.0.0.1:4321/kept/aws/x');
  });

  it('tells an object that is not there from one that may not be read', async () => {
    const replies = [404, 404, 403, 503].map((status) => new Response('<Error>of ada</Error>', { status }));
    const { bucket } = bucketOf(replies);
    expect(await bucket.read('gone')).toBeUndefined();
    await bucket.remove('gone');
    await expect(bucket.read('hers')).rejects.toThrow(/^S3 replied 403 to read$/);
    await expect(bucket.list({ prefix: '' })).rejects.toThrow(/^S3 replied 503 to list$/);
  });
});

describe('a listing of a bucket', () => {
  it('gives keys as they are, and where it goes on', () => {
    const truncated =
      '<IsTruncated>true</IsTruncated><NextContinuationToken>1u/e&amp;&#43;Tx==</NextContinuationToken>';
    const page = readListing(listed([entry('aws/a+b%2Bc%26%3C%C3%A9'), entry('z')], truncated));
    expect(page).toEqual({
      objects: [
        { key: 'aws/a b+c&<é', bytes: 7, storedAt: new Date('2026-11-22T10:00:00.000Z') },
        { key: 'z', bytes: 7, storedAt: new Date('2026-11-22T10:00:00.000Z') },
      ],
      next: '1u/e&+Tx==',
    });
    expect(readListing(listed([]))).toEqual({ objects: [], next: undefined });
  });

  it.each([
    ['an error', '<Error><Code>SlowDown</Code></Error>'],
    ['what was cut off', listed([entry('a')]).slice(0, -30)],
    ['another number of objects than it says', listed([entry('a')]).replace('>1<', '>2<')],
    ['an object without a size', listed([entry('a', '')])],
    ['a key that is not encoded', listed([entry('100%')])],
    ['another encoding', listed([]).replace('<EncodingType>url</EncodingType>', '')],
    ['no end and no way on', listed([], '<IsTruncated>true</IsTruncated>')],
  ])('is refused for %s', (_, xml) => {
    expect(() => readListing(xml)).toThrow(/^The listing of the bucket /);
  });
});
