import type { Access, DynamoDbRequest, TablePart } from './dynamodb-request.ts';
import type { LocalTable } from './tables.ts';

/**
 * The values DynamoDB gives to IAM condition keys for one access of a request, or a text that says why they
 * cannot be told from the request.
 *
 * `dynamodb:Attributes` holds the top-level attributes that the request names.
 */
export function accessContext(
  request: DynamoDbRequest,
  access: Access,
  table: LocalTable | undefined,
): Record<string, string[]> | string {
  const context: Record<string, string[]> = enclosingOperation(request);
  if (request.returnConsumedCapacity !== undefined) {
    context['dynamodb:ReturnConsumedCapacity'] = [request.returnConsumedCapacity];
  }
  const { part } = access;
  if (part === undefined) return context;
  if (usesLegacyParameters(part)) return 'the request uses parameters from before expressions';
  context['dynamodb:Attributes'] = namedAttributes(access, part);
  if (part.ReturnValues !== undefined) context['dynamodb:ReturnValues'] = [part.ReturnValues];
  if (READS.has(access.action)) context['dynamodb:Select'] = [part.Select ?? impliedSelect(part)];
  if (access.action === 'dynamodb:Scan') return context;
  const leadingKey = readLeadingKey(access, part, table);
  if (leadingKey === undefined) return 'the partition key cannot be told from the request';
  context['dynamodb:LeadingKeys'] = [leadingKey];
  return context;
}

/** The one condition key that does not depend on what an item holds. */
export function enclosingOperation(request: DynamoDbRequest): Record<string, string[]> {
  if (!request.operation.startsWith('Transact')) return {};
  return { 'dynamodb:EnclosingOperation': [request.operation] };
}

const READS = new Set(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan']);

function usesLegacyParameters(part: TablePart): boolean {
  return [
    part.AttributesToGet,
    part.AttributeUpdates,
    part.Expected,
    part.KeyConditions,
    part.QueryFilter,
    part.ScanFilter,
  ].some((parameter) => parameter !== undefined);
}

function impliedSelect(part: TablePart): string {
  if (part.ProjectionExpression !== undefined) return 'SPECIFIC_ATTRIBUTES';
  return part.IndexName === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}

const KEYWORDS = new Set(['and', 'or', 'not', 'between', 'in', 'set', 'remove', 'add', 'delete']);
// A name that starts no function call and is not inside a path, a placeholder or another name.
const TOP_LEVEL_NAME = /(?<![\w#:.\]])#?[A-Za-z_]\w*\b(?!\s*\()/g;

function namedAttributes(access: Access, part: TablePart): string[] {
  const expressions = [
    part.ProjectionExpression,
    part.UpdateExpression,
    part.ConditionExpression,
    part.FilterExpression,
    part.KeyConditionExpression,
  ];
  const names = expressions
    .flatMap((expression) => expression?.match(TOP_LEVEL_NAME) ?? [])
    .filter((name) => !KEYWORDS.has(name.toLowerCase()))
    .map((name) => part.ExpressionAttributeNames?.[name] ?? name);
  return [...new Set([...Object.keys(access.item ?? {}), ...names])];
}

function readLeadingKey(access: Access, part: TablePart, table: LocalTable | undefined): string | undefined {
  const keys = part.IndexName === undefined ? table : table?.indexes[part.IndexName];
  if (keys === undefined) return undefined;
  if (access.item !== undefined) return scalar(access.item[keys.partitionKey]);
  for (const [, name = '', value = ''] of (part.KeyConditionExpression ?? '').matchAll(
    /([#\w]+)\s*=\s*(:\w+)/g,
  )) {
    const attribute = part.ExpressionAttributeNames?.[name] ?? name;
    if (attribute === keys.partitionKey) return scalar(part.ExpressionAttributeValues?.[value]);
  }
  return undefined;
}

/** The text of a string, number or binary attribute value such as `{ S: 'a' }`. */
export function scalar(attribute: unknown): string | undefined {
  if (typeof attribute !== 'object' || attribute === null) return undefined;
  const [value] = Object.values(attribute);
  return typeof value === 'string' ? value : undefined;
}
