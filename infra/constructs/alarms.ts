import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { ConsumerName } from '../system.ts';
import type { HttpApi } from './http-api.ts';
import { constructId, type Names } from './names.ts';
import type { RealtimeApi } from './realtime-api.ts';
import type { StreamConsumer } from './stream-consumer.ts';
import type { Tables } from './tables.ts';

export interface AlarmsProps {
  readonly names: Names;
  readonly tables: Tables;
  readonly http: HttpApi;
  readonly realtime: RealtimeApi;
  readonly consumers: readonly StreamConsumer[];
}

interface AlarmSpec {
  readonly metric: IMetric;
  readonly threshold: number;
  /** How many minutes in a row it must hold. */
  readonly minutes?: number;
  /** What people notice, in plain words. */
  readonly impact: string;
  /** What to do first. */
  readonly remedy: string;
}

const MINUTE = Duration.minutes(1);

/** What goes stale for people when a consumer stands still. */
const STALE: Readonly<Record<ConsumerName, string>> = {
  'project-progress': 'learners do not see their progress move',
  'aggregate-analytics': 'the numbers on the admin pages are behind',
  'notify-subscribers': 'open pages do not update by themselves; a reload still shows the truth',
};

/** Alarms on what people would notice, each saying what that is and what to do; all go to one topic. */
export class Alarms extends Construct {
  readonly #names: Names;
  readonly #action: SnsAction;

  constructor(scope: Construct, props: AlarmsProps) {
    super(scope, 'Alarms');
    this.#names = props.names;
    this.#action = new SnsAction(new Topic(this, 'Topic', { topicName: props.names.of('alarms') }));
    this.#watchHttp(props.http);
    for (const consumer of props.consumers) this.#watchConsumer(consumer);
    this.#watchTables(props.tables);
    this.#watchRealtime(props.realtime);
  }

  #watchHttp({ api, functions }: HttpApi): void {
    this.#add('http-errors', {
      metric: api.metricServerError({ period: MINUTE, statistic: 'Sum' }),
      threshold: 5,
      minutes: 3,
      impact: 'people get error pages, and what they just did may not be saved',
      remedy:
        'find the x-request-id of a failed call in the access log, and its error in the log of the function',
    });
    this.#add('http-slow', {
      metric: api.metricLatency({ period: MINUTE, statistic: 'p99' }),
      threshold: 3000,
      minutes: 5,
      impact: 'one call in a hundred takes over three seconds, so pages feel stuck',
      remedy: 'compare the latency by route, then look for conflicts and throttles in the log of the slowest',
    });
    const throttles = new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Throttles',
      statistic: 'Sum',
      period: MINUTE,
    });
    this.#add('functions-throttled', {
      metric: throttles,
      threshold: 1,
      minutes: 3,
      impact: `some calls to the ${functions.length} functions of the API are turned away, and streams fall behind`,
      remedy: 'raise the concurrency limit of the account, or find what took all of it',
    });
  }

  #watchConsumer({ name, bundled, mappings }: StreamConsumer): void {
    const stale = Object.entries(STALE).find(([consumer]) => consumer === name)?.[1];
    if (stale === undefined) throw new Error(`No alarm says what stands still with ${name}`);
    this.#add(`${name}-behind`, {
      metric: bundled.lambda.metric('IteratorAge', { period: MINUTE, statistic: 'Maximum' }),
      threshold: 60_000,
      minutes: 3,
      impact: `for over a minute ${stale}`,
      remedy:
        'look in the log of the function for what it retries; it catches up by itself once that is mended',
    });
    this.#add(`${name}-errors`, {
      metric: bundled.lambda.metricErrors({ period: MINUTE, statistic: 'Sum' }),
      threshold: 1,
      minutes: 5,
      impact: `batches keep failing: soon ${stale}`,
      remedy:
        'look in the log of the function for the error; records wait in the stream for six hours at most',
    });
    this.#add(`${name}-gave-up`, {
      metric: total(mappings.map(({ ref }) => deliveredToDestination(ref))),
      threshold: 1,
      impact: `some records were given up after all retries: for the people in them ${stale}, and it will not mend itself`,
      remedy: 'mend the cause, then replay the records from the failed-records bucket',
    });
    this.#add(`${name}-lost`, {
      metric: bundled.lambda.metric('DestinationDeliveryFailures', { period: MINUTE, statistic: 'Sum' }),
      threshold: 1,
      impact: `records that were given up could not be kept either: for the people in them ${stale} for good`,
      remedy:
        'check that the role may write to the failed-records bucket, then reconcile the rows of that time',
    });
  }

  #watchTables(tables: Tables): void {
    this.#add('writes-throttled', {
      metric: total(
        tables
          .all()
          .map((table) => table.metric('WriteThrottleEvents', { period: MINUTE, statistic: 'Sum' })),
      ),
      threshold: 10,
      minutes: 3,
      impact: 'saving takes longer than usual or is answered with "busy", and views come late',
      remedy: 'find the table by its throttle metrics; for analytics raise the context value analyticsShards',
    });
    this.#add('record-set-aside', {
      metric: tables.table('failures').metricConsumedWriteCapacityUnits({ period: MINUTE, statistic: 'Sum' }),
      threshold: 1,
      impact: 'a row was not readable and was passed over: what it says is missing from the views',
      remedy: 'read the reason in the table failures, mend the row, and it comes through the stream again',
    });
  }

  #watchRealtime({ api }: RealtimeApi): void {
    this.#add('realtime-errors', {
      metric: new Metric({
        namespace: 'AWS/AppSync',
        metricName: '5XXError',
        dimensionsMap: { GraphQLAPIId: api.apiId },
        statistic: 'Sum',
        period: MINUTE,
      }),
      threshold: 5,
      minutes: 3,
      impact: 'open pages do not update by themselves; they poll instead, so views are seconds behind',
      remedy: 'look at the health of AppSync in the region; nothing is lost, pages read again by themselves',
    });
  }

  #add(name: string, { metric, threshold, minutes = 1, impact, remedy }: AlarmSpec): void {
    const alarm = new Alarm(this, constructId(name), {
      alarmName: this.#names.of(name),
      alarmDescription: `Impact: ${impact}. Do: ${remedy}.`,
      metric,
      threshold,
      evaluationPeriods: minutes,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.#action);
  }
}

function deliveredToDestination(mapping: string): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'OnFailureDestinationDeliveredEventCount',
    dimensionsMap: { EventSourceMappingUUID: mapping },
    statistic: 'Sum',
    period: MINUTE,
  });
}

/** The sum of metrics that may have no data; an alarm takes ten at most. */
function total(metrics: readonly Metric[]): MathExpression {
  return new MathExpression({
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    period: MINUTE,
  });
}
