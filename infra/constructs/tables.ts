import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { tables, type TableName } from '../table-specs.ts';
import { constructId, type Names } from './names.ts';

const specs = Object.entries<{
  readonly key: { readonly partition: string; readonly sort?: string };
  readonly indexes?: Readonly<Record<string, { readonly partition: string; readonly sort?: string }>>;
  readonly timeToLive?: string;
  readonly stream: boolean;
}>(tables);

/** All tables: paid by request, restorable to any second of 35 days, and kept when the stack goes. */
export class Tables extends Construct {
  readonly #byName = new Map<string, Table>();

  constructor(scope: Construct, { names }: { readonly names: Names }) {
    super(scope, 'Tables');
    for (const [name, { key, indexes = {}, timeToLive, stream }] of specs) {
      const table = new Table(this, constructId(name), {
        tableName: names.table(name),
        ...attributes(key),
        billingMode: BillingMode.PAY_PER_REQUEST,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: true,
        removalPolicy: RemovalPolicy.RETAIN,
        ...(timeToLive === undefined ? {} : { timeToLiveAttribute: timeToLive }),
        ...(stream ? { stream: StreamViewType.NEW_AND_OLD_IMAGES } : {}),
      });
      for (const [indexName, indexKey] of Object.entries(indexes)) {
        table.addGlobalSecondaryIndex({
          indexName,
          ...attributes(indexKey),
          // An index says which rows there are; what is shown is read from the table, which does not lag.
          projectionType: ProjectionType.KEYS_ONLY,
        });
      }
      this.#byName.set(name, table);
    }
  }

  table(name: TableName): Table {
    const table = this.#byName.get(name);
    if (table === undefined) throw new Error(`There is no table ${name}`);
    return table;
  }

  /** By the names of infra/table-specs.ts. */
  all(): ReadonlyMap<string, Table> {
    return this.#byName;
  }

  /** Throws when the table's stream is off in infra/table-specs.ts. */
  streamArn(name: TableName): string {
    const arn = this.table(name).tableStreamArn;
    if (arn === undefined) throw new Error(`The stream of ${name} is off`);
    return arn;
  }
}

function attributes({ partition, sort }: { readonly partition: string; readonly sort?: string }) {
  return {
    partitionKey: { name: partition, type: AttributeType.STRING },
    ...(sort === undefined ? {} : { sortKey: { name: sort, type: AttributeType.STRING } }),
  };
}
