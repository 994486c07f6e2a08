import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { EngineConnection, EngineReply } from './engine-connection.ts';
import type { KeyNames, LocalTable } from './tables.ts';

const Key = z.record(z.string(), z.record(z.string(), z.unknown()));
type Key = z.output<typeof Key>;

/** A Scan of one segment that goes on behind a row. */
const LaterPage = z.looseObject({
  TableName: z.string(),
  IndexName: z.undefined().optional(),
  Segment: z.number(),
  TotalSegments: z.number(),
  ExclusiveStartKey: Key,
});

const ScanReply = z.object({
  Items: z.array(Key).default([]),
  ScannedCount: z.number(),
  LastEvaluatedKey: Key.optional(),
});

/**
 * The same connection to dynoxide, but a Scan of a segment can go on behind a row that has been deleted, as in DynamoDB.
 * dynoxide looks up the place of the row that it starts behind, and where that row is gone finds nothing at all. Such
 * an empty page is asked for anew behind the nearest row before it that is still there.
 */
export function withPlacesInSegments(
  connection: EngineConnection,
  tables: ReadonlyMap<string, LocalTable>,
): EngineConnection {
  const send = async (target: string, body: string): Promise<EngineReply> => {
    const reply = await connection.send(target, body);
    if (!target.endsWith('.Scan') || reply.status !== 200) return reply;
    const request = LaterPage.safeParse(JSON.parse(body));
    const table = tables.get(request.data?.TableName ?? '');
    if (!request.success || table === undefined) return reply;
    const page = ScanReply.parse(JSON.parse(reply.body.toString()));
    if (page.ScannedCount > 0 || page.LastEvaluatedKey !== undefined) return reply;
    const { ExclusiveStartKey: start, ...rest } = request.data;
    const before = await nearestBefore(connection, target, request.data, table);
    // The row is there, if only since a moment ago: what is behind it now is the answer.
    if (before !== undefined && compare(table, before, start) === 0) return connection.send(target, body);
    // The nearest row, too, may be gone by then.
    return send(target, JSON.stringify({ ...rest, ...(before && { ExclusiveStartKey: before }) }));
  };
  return { send, close: () => connection.close() };
}

/** The last row of the segment that does not come after the one that is to be started behind. */
async function nearestBefore(
  connection: EngineConnection,
  target: string,
  { TableName, Segment, TotalSegments, ExclusiveStartKey }: z.output<typeof LaterPage>,
  table: LocalTable,
): Promise<Key | undefined> {
  const names = Object.keys(ExclusiveStartKey);
  const request = {
    TableName,
    Segment,
    TotalSegments,
    ConsistentRead: true,
    ProjectionExpression: names.map((_, index) => `#k${index}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#k${index}`, name])),
  };
  let nearest: Key | undefined;
  let next: Key | undefined;
  do {
    const start = next && { ExclusiveStartKey: next };
    const reply = await connection.send(target, JSON.stringify({ ...request, ...start }));
    const { Items, LastEvaluatedKey } = ScanReply.parse(JSON.parse(reply.body.toString()));
    for (const key of Items) {
      if (compare(table, key, ExclusiveStartKey) > 0) return nearest;
      nearest = key;
    }
    next = LastEvaluatedKey;
  } while (next !== undefined);
  return nearest;
}

/** dynoxide's order within a segment: by a hash of the partition key (that of dynalite), then by the keys. */
function compare(table: KeyNames, a: Key, b: Key): number {
  const place = (key: Key): Buffer[] => {
    const [partition, sort] = [table.partitionKey, table.sortKey].map((name) =>
      String(Object.values(key[name ?? ''] ?? {})[0] ?? ''),
    );
    const hash = createHash('md5').update(`Outliers${partition}`).digest('hex').slice(0, 6);
    return [hash, partition, sort].map((part) => Buffer.from(part ?? ''));
  };
  const [left, right] = [place(a), place(b)];
  return left.reduce((order, part, index) => order || part.compare(right[index] ?? Buffer.of()), 0);
}
