import type { TableName, tables } from './table-specs.ts';

/** What a grant may hold; a transaction's items ask for the action of each item. */
export const READ_ACTIONS = ['GetItem', 'BatchGetItem', 'Query', 'Scan'] as const;
export const WRITE_ACTIONS = ['PutItem', 'UpdateItem', 'DeleteItem'] as const;
export type TableAction =
  (typeof READ_ACTIONS)[number] | (typeof WRITE_ACTIONS)[number] | 'ConditionCheckItem';

/** A table, or one of its indexes. */
export type Grantee = TableName | { [T in TableName]: IndexOf<T> }[TableName];
type IndexOf<T extends TableName> = (typeof tables)[T] extends { readonly indexes: infer Indexes }
  ? `${T}/${keyof Indexes & string}`
  : never;

export type Grants = Readonly<Partial<Record<Grantee, readonly TableAction[]>>>;

/** What a function may do, and thereby what its environment holds. */
export interface FunctionSpec {
  readonly grants: Grants;
  /** Reads or writes sharded aggregates: ANALYTICS_SHARDS. */
  readonly shards?: true;
  /** Publishes to subscribers: GRAPHQL_URL and the two mutations. */
  readonly publishes?: true;
  /** Writes metrics: METRICS_NAMESPACE. */
  readonly measures?: true;
  /** Deals with the payment provider: PAYMENT_SECRET_ARN with the right to read it, and STRIPE_API_URL. */
  readonly pays?: true;
  /** Takes out what stream mappings gave up: FAILED_RECORDS_BUCKET with the right to read and delete what is there. */
  readonly collects?: true;
  /** Makes JSON Schema of its schemas, which other bundles leave out, and tells whose tokens are taken: ISSUER_URL. */
  readonly describes?: true;
  /** What it imports only when it is needed becomes a file beside its bundle, which is not loaded with it. */
  readonly lazy?: true;
  /** Files of packages that it reads; they lie beside its bundle by their last name. */
  readonly files?: readonly string[];
}

/** What starts a job that goes through the whole school. */
export const startsJobs = {
  'jobs/byStart': ['Query'],
  jobs: ['GetItem', 'BatchGetItem', 'PutItem'],
} as const satisfies Grants;

/** What draws the line under a test. */
export const finishes = {
  qbankTests: ['BatchGetItem', 'PutItem'],
  qbankPapers: ['BatchGetItem'],
  qbankQuestions: ['BatchGetItem'],
  qbankQuestionAttempts: ['Query', 'PutItem'],
  qbankMeetings: ['BatchGetItem', 'PutItem'],
  qbankRecords: ['BatchGetItem', 'PutItem'],
} as const satisfies Grants;
