import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Grants, type TableAction, WRITE_ACTIONS } from '../function-spec.ts';
import { type TableName, tables as tableSpecs, tableVariable } from '../table-specs.ts';
import type { Tables } from './tables.ts';

const transactionsOnly: ReadonlySet<string> = new Set(
  Object.entries<object>(tableSpecs)
    .filter(([, spec]) => 'transactionsOnly' in spec)
    .map(([name]) => name),
);
const writes: ReadonlySet<string> = new Set(WRITE_ACTIONS);

/** One statement per table or index and kind of access, on its exact ARN. */
export function tableStatements(grants: Grants, tables: Tables): PolicyStatement[] {
  return granted(grants).flatMap(({ table, index, actions }) => {
    const { tableArn } = tables.table(table);
    const resource = index === undefined ? tableArn : `${tableArn}/index/${index}`;
    const onlyInTransactions = actions.filter((action) => writes.has(action) && transactionsOnly.has(table));
    const always = actions.filter((action) => !onlyInTransactions.includes(action));
    return [
      ...(always.length === 0 ? [] : [statement(always, resource)]),
      ...(onlyInTransactions.length === 0 ? [] : [statement(onlyInTransactions, resource, inTransactions)]),
    ];
  });
}

/** A variable with the name of every table that is granted or followed. */
export function tableEnvironment(
  grants: Grants,
  followed: readonly TableName[],
  tables: Tables,
): Record<string, string> {
  const named = new Set([...granted(grants).map(({ table }) => table), ...followed]);
  return Object.fromEntries([...named].map((table) => [tableVariable(table), tables.table(table).tableName]));
}

const inTransactions = { StringEquals: { 'dynamodb:EnclosingOperation': 'TransactWriteItems' } };

function statement(actions: readonly TableAction[], resource: string, conditions: object = {}) {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [resource],
    conditions: { ...conditions },
  });
}

interface Granted {
  readonly table: TableName;
  readonly index: string | undefined;
  readonly actions: readonly TableAction[];
}

function granted(grants: Grants): Granted[] {
  return Object.entries(grants).map(([grantee, actions]) => {
    const [name, index] = grantee.split('/');
    if (name === undefined || !isTable(name)) throw new Error(`There is no table ${grantee}`);
    return { table: name, index, actions };
  });
}

function isTable(name: string): name is TableName {
  return Object.hasOwn(tableSpecs, name);
}
