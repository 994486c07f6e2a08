import type { Check, Model } from '../model.ts';
import { permissionsOf, tableIn } from './permissions.ts';

function mappings(model: Model) {
  return model.of('AWS::Lambda::EventSourceMapping');
}

const hours = 3600;

export const everyMappingGivesUpInTime: Check = (model) =>
  mappings(model).flatMap(({ logicalId, properties: it }) => {
    const rules: [boolean, string][] = [
      [it.StartingPosition === 'TRIM_HORIZON', 'may miss records: it does not start at TRIM_HORIZON'],
      [it.MaximumRetryAttempts >= 1 && it.MaximumRetryAttempts <= 20, 'has no finite number of retries'],
      [
        it.MaximumRecordAgeInSeconds >= 60 && it.MaximumRecordAgeInSeconds < 24 * hours,
        'does not give a record up before the stream forgets it',
      ],
      [it.BisectBatchOnFunctionError === true, 'does not bisect a failing batch'],
      [it.FunctionResponseTypes?.includes('ReportBatchItemFailures') === true, 'takes no partial response'],
      [it.BatchSize > 0 && it.BatchSize <= 1000, 'has no bounded batch'],
      [(it.MaximumBatchingWindowInSeconds ?? 0) <= 1, 'makes views wait for more than a second'],
      [it.Enabled !== false, 'is off'],
      [
        model
          .of('AWS::S3::Bucket')
          .some(
            (bucket) =>
              `arn:aws:s3:::${bucket.logicalId.toLowerCase()}` ===
              it.DestinationConfig?.OnFailure?.Destination,
          ),
        'has no bucket for what it gives up',
      ],
      // Filters see strings, and one on the state of the new image alone would lose the retraction.
      [it.FilterCriteria === undefined, 'filters'],
    ];
    return rules.filter(([holds]) => !holds).map(([, complaint]) => `${logicalId} ${complaint}`);
  });

export const noStreamHasThreeConsumers: Check = (model) => {
  const byStream = new Map<string, number>();
  for (const { properties } of mappings(model)) {
    const stream = properties.EventSourceArn;
    byStream.set(stream, (byStream.get(stream) ?? 0) + 1);
  }
  return [...byStream]
    .filter(([, count]) => count > 2)
    .map(([stream, count]) => `${tableIn(stream)} has ${count} consumers`);
};

export const everyStreamIsFollowed: Check = (model) => {
  const followed = new Set(mappings(model).map(({ properties }) => tableIn(properties.EventSourceArn) ?? ''));
  return model
    .of('AWS::DynamoDB::Table')
    .map(({ properties }) => properties)
    .filter((table) => (table.StreamSpecification !== undefined) !== followed.has(table.TableName))
    .map((table) => `${table.TableName}: its stream is on without a consumer, or followed while it is off`);
};

/**
 * The one way back that ends by itself: a segment of a job moves on, behind what its last step did, until it has ended
 * or waits for the clock. Nothing else that jobs write may lead back to them.
 */
const ENDING = { table: 'jobs', by: 'lockstep-run-jobs' };

/** What each table's changes make consumers write, by their roles; no other way may lead back. */
export const streamsFlowOneWay: Check = (model) => {
  const writes = new Map(
    permissionsOf(model).map(({ functionName, permissions }) => [
      functionName,
      permissions
        .filter(({ action }) => /^dynamodb:.*(Put|Update|Delete|Write|\*)/.test(action))
        .map(({ resource }) => tableIn(resource) ?? resource),
    ]),
  );
  const next = new Map<string, string[]>();
  for (const { properties } of mappings(model)) {
    const source = tableIn(properties.EventSourceArn) ?? '';
    const ends = source === ENDING.table && properties.FunctionName === ENDING.by;
    const targets = (writes.get(properties.FunctionName) ?? []).filter((table) => !ends || table !== source);
    next.set(source, [...(next.get(source) ?? []), ...targets]);
  }
  const cycles = new Set<string>();
  const walk = (table: string, path: readonly string[]) => {
    if (path.includes(table)) cycles.add([...path.slice(path.indexOf(table)), table].join(' -> '));
    else for (const target of next.get(table) ?? []) walk(target, [...path, table]);
  };
  for (const table of next.keys()) walk(table, []);
  return [...cycles];
};

const watched = ['IteratorAge', 'Errors', 'DestinationDeliveryFailures'];

export const everyConsumerIsWatched: Check = (model) => {
  const alarms = model.of('AWS::CloudWatch::Alarm').map(({ properties }) => JSON.stringify(properties));
  const names = [...new Set(mappings(model).map(({ properties }) => properties.FunctionName))];
  return [
    ...names.flatMap((name) =>
      watched
        .filter(
          (metric) => !alarms.some((alarm) => alarm.includes(`"${metric}"`) && alarm.includes(`"${name}"`)),
        )
        .map((metric) => `${name}: nobody hears of ${metric}`),
    ),
    ...mappings(model)
      .filter(
        ({ logicalId, properties }) =>
          !properties.MetricsConfig?.Metrics?.includes('EventCount') ||
          !alarms.some(
            (alarm) =>
              alarm.includes('"OnFailureDestinationDeliveredEventCount"') && alarm.includes(`"${logicalId}"`),
          ),
      )
      .map(({ logicalId }) => `${logicalId}: nobody hears of records that were given up`),
  ];
};
