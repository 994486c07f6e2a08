import * as z from 'zod';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly storedAt: Date;
}

/** A page of the objects of a bucket, by their keys. */
export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  /** Gives the next page. Undefined: this is the last one. */
  readonly next: string | undefined;
}

/**
 * Reads S3's reply to ListObjectsV2 with `encoding-type=url`. Keys then hold neither brackets nor ampersands, nothing
 * in the reply nests but the objects, and S3 says how many of them there are: so little needs no XML parser, and
 * whatever looks otherwise is refused rather than overlooked.
 *
 * @throws Error when it is no such reply
 */
export function readListing(xml: string): ObjectPage {
  const body = /^\s*(?:<\?xml[^>]*\?>\s*)?<ListBucketResult[^>]*>(.*)<\/ListBucketResult>\s*$/s.exec(
    xml,
  )?.[1];
  if (body === undefined) throw new ListingError('is none');
  const entries = [...body.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, entry = '']) => entry);
  const about = body.replaceAll(/<Contents>.*?<\/Contents>/gs, '');
  const { data: head } = Head.safeParse({
    encoding: textOf(about, 'EncodingType'),
    count: textOf(about, 'KeyCount'),
    truncated: textOf(about, 'IsTruncated'),
    next: textOf(about, 'NextContinuationToken'),
  });
  if (head === undefined) throw new ListingError('lacks what every listing says');
  if (head.count !== entries.length) throw new ListingError('does not hold as many objects as it says');
  if (head.truncated && head.next === undefined) throw new ListingError('does not say where it goes on');
  return { objects: entries.map(objectOf), next: head.truncated ? head.next : undefined };
}

class ListingError extends Error {
  override readonly name = 'ListingError';

  constructor(fault: string) {
    super(`The listing of the bucket ${fault}`);
  }
}

const Whole = z.string().regex(/^\d+$/).transform(Number);

const Head = z.object({
  encoding: z.literal('url'),
  count: Whole,
  truncated: z.enum(['true', 'false']).transform((text) => text === 'true'),
  next: z.string().min(1).optional(),
});

const Entry = z.object({
  key: z.string().min(1).transform(keyOf),
  bytes: Whole,
  storedAt: z.iso.datetime().transform((text) => new Date(text)),
});

function objectOf(entry: string): StoredObject {
  const { data: object } = Entry.safeParse({
    key: textOf(entry, 'Key'),
    bytes: textOf(entry, 'Size'),
    storedAt: textOf(entry, 'LastModified'),
  });
  if (object === undefined) throw new ListingError('has an object that cannot be read');
  return object;
}

/** As a form encodes it: a space is a plus. */
function keyOf(encoded: string, context: z.RefinementCtx<string>): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    context.addIssue({ code: 'custom', message: 'is not encoded' });
    return z.NEVER;
  }
}

/** The text of the only element of this name. */
function textOf(xml: string, element: string): string | undefined {
  const found = [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))];
  return found.length === 1 ? found[0]?.[1]?.replaceAll(/&(\w+|#\d+);/g, characterOf) : undefined;
}

const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function characterOf(entity: string, name: string): string {
  return name.startsWith('#')
    ? String.fromCodePoint(Number(name.slice(1)))
    : (CHARACTERS.get(name) ?? entity);
}
