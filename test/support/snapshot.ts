import { ScanCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { TABLES } from '../../shared/store/keys.ts';

/** All rows of all tables, in an order of their own: equal before and after means that nothing was written. */
export async function snapshot(documents: DynamoDBDocumentClient): Promise<Record<string, string[]>> {
  const tables = await Promise.all(
    TABLES.map(async (TableName) => {
      const { Items = [] } = await documents.send(new ScanCommand({ TableName, ConsistentRead: true }));
      return [TableName, Items.map(inOneOrder).sort()] as const;
    }),
  );
  return Object.fromEntries(tables);
}

/** JSON with sorted attributes: the engines give a row's attributes in any order. */
function inOneOrder(item: unknown): string {
  return JSON.stringify(item, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
