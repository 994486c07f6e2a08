import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, type IFilterPattern, type LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ALL_FLOWS, METERED_FLOWS } from '../../shared/contracts/sync-health.ts';
import { type ConsumerName, schedules, type ScheduleSpec } from '../system.ts';
import { healthMetric } from './dashboard.ts';
import type { HttpApi } from './http-api.ts';
import type { Identity } from './identity.ts';
import { constructId, type Names } from './names.ts';
import type { RealtimeApi } from './realtime-api.ts';
import type { ScheduledFunction } from './scheduled-function.ts';
import type { StreamConsumer } from './stream-consumer.ts';
import type { Tables } from './tables.ts';

export interface AlarmsProps {
  readonly names: Names;
  readonly tables: Tables;
  /** Of all functions. */
  readonly log: LogGroup;
  readonly http: HttpApi;
  readonly realtime: RealtimeApi;
  readonly identity: Identity;
  readonly consumers: readonly StreamConsumer[];
  readonly scheduled: readonly ScheduledFunction[];
  /** Who is told; without it whoever subscribes to the topic. */
  readonly email?: string | undefined;
}

interface AlarmSpec {
  readonly metric: IMetric;
  readonly threshold: number;
  /** What is wrong: at least the threshold, unless this says otherwise. */
  readonly comparison?: ComparisonOperator;
  /** How many minutes in a row it must hold. */
  readonly minutes?: number;
  /** What people notice, in plain words. */
  readonly impact: string;
  /** What to do first. */
  readonly remedy: string;
}

const MINUTE = Duration.minutes(1);

/** That one alarm takes. */
const MOST_METRICS = 10;

/** What goes stale for people when a consumer stands still. */
const STALE: Readonly<Record<ConsumerName, string>> = {
  'project-progress': 'learners do not see their progress move',
  'aggregate-analytics': 'the numbers on the admin pages are behind',
  'react-to-progress': 'who completes a course waits for the certificate',
  'run-jobs': 'scores do not follow where a question was voided, nor progress where a course was changed',
  'notify-subscribers': 'open pages do not update by themselves; a reload still shows the truth',
};

/** Alarms on what people would notice, each saying what that is and what to do; all go to one topic. */
export class Alarms extends Construct {
  readonly topic: Topic;
  readonly #names: Names;
  readonly #log: LogGroup;
  readonly #action: SnsAction;

  constructor(scope: Construct, props: AlarmsProps) {
    super(scope, 'Alarms');
    this.#names = props.names;
    this.#log = props.log;
    this.topic = new Topic(this, 'Topic', { topicName: props.names.of('alarms') });
    if (props.email !== undefined) this.topic.addSubscription(new EmailSubscription(props.email));
    this.#action = new SnsAction(this.topic);
    this.#watchHttp(props.http);
    for (const consumer of props.consumers) {
      this.#watchConsumer(consumer);
      if (consumer.publishes) this.#watchPublishing(consumer);
    }
    for (const scheduled of props.scheduled) this.#watchSchedule(scheduled);
    this.#watchJobs();
    this.#watchFailedRecords();
    this.#watchTables(props.tables);
    this.#watchRealtime(props.realtime);
    this.#watchSignUps(props.identity);
    this.#watchPayments(props.http);
    this.#watchHealth();
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
        'look in the log of the function for the error; what still fails after eight retries becomes a failure (GET /admin/failures)',
    });
    for (let first = 0; first < mappings.length; first += MOST_METRICS) {
      const some = mappings.slice(first, first + MOST_METRICS);
      this.#add(first === 0 ? `${name}-gave-up` : `${name}-gave-up-from-${first + 1}`, {
        metric: total(some.map(({ ref }) => deliveredToDestination(ref))),
        threshold: 1,
        impact: `some records were given up after all retries: for the people in them ${stale}, and it will not mend itself`,
        remedy: 'mend the cause, then redrive the failures (GET /admin/failures, npm run redrive)',
      });
    }
    this.#add(`${name}-lost`, {
      metric: bundled.lambda.metric('DestinationDeliveryFailures', { period: MINUTE, statistic: 'Sum' }),
      threshold: 1,
      impact: `records that were given up could not be kept either: for the people in them ${stale} for good`,
      remedy:
        'check that the role may write to the failed-records bucket, then reconcile the rows of that time',
    });
  }

  #watchSchedule({ name, bundled }: ScheduledFunction): void {
    const spec = Object.entries<ScheduleSpec>(schedules).find(([schedule]) => schedule === name)?.[1];
    if (spec === undefined) throw new Error(`There is no schedule ${name}`);
    this.#add(`${name}-errors`, {
      metric: bundled.lambda.metricErrors({ period: MINUTE, statistic: 'Sum' }),
      threshold: 1,
      minutes: 3,
      impact: `run after run fails, so that ${spec.stale}`,
      remedy:
        'look in the log of the function for the error; once it is mended, the next run does what was left',
    });
    // Scheduler itself says nothing when it wakes nobody: only that no run was begun tells.
    this.#add(`${name}-silent`, {
      metric: new MathExpression({
        expression: 'IF(FILL(m0, 0) < 1, 1, 0)',
        usingMetrics: { m0: bundled.lambda.metricInvocations({ period: MINUTE, statistic: 'Sum' }) },
        period: MINUTE,
      }),
      threshold: 1,
      minutes: 5,
      impact: `nothing runs any more, so that ${spec.stale}`,
      remedy: 'see that the schedule is enabled and that its role may invoke the function',
    });
  }

  #watchTables(tables: Tables): void {
    for (const [name, table] of tables.all()) {
      const throttled = ['ReadThrottleEvents', 'WriteThrottleEvents'].map((metricName) =>
        table.metric(metricName, { period: MINUTE, statistic: 'Sum' }),
      );
      this.#add(`${kebab(name)}-throttled`, {
        metric: total(throttled),
        threshold: 10,
        minutes: 3,
        impact: `what needs ${name} takes longer than usual or is answered with "busy", and views come late`,
        remedy: 'see which keys are hot; for analytics raise the context value analyticsShards',
      });
    }
    this.#add('record-set-aside', {
      metric: tables.table('failures').metricConsumedWriteCapacityUnits({ period: MINUTE, statistic: 'Sum' }),
      threshold: 1,
      impact: 'a record was passed over or given up: what it says is missing from the views',
      remedy: 'read the reason (GET /admin/failures), mend the row or the cause, and redrive the failure',
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

  #watchSignUps({ registration }: Identity): void {
    this.#add('sign-up-errors', {
      metric: registration.lambda.metricErrors({ period: MINUTE, statistic: 'Sum' }),
      threshold: 1,
      impact:
        'people who sign up are told that it failed although they can sign in, and no list shows them until they enroll',
      remedy:
        'look in the log of the function for the error; once it is mended, their profile page takes the name they give',
    });
  }

  /**
   * An event that is proved to be the provider's and yet not taken is money that nobody accounts for, and one is
   * too few for the alarms on all calls. Anyone can send what is not signed; who is told `busy` tells again.
   */
  #watchPayments({ functions }: HttpApi): void {
    const id = constructId('receive-payment-event');
    const receiver = functions.find(({ node }) => node.id === id);
    if (receiver === undefined) throw new Error('No function takes the events of payments');
    const expected = ['signature_invalid', 'body_too_large', 'busy'];
    const refused = this.#logged(
      'PaymentEventRefused',
      FilterPattern.all(
        FilterPattern.stringValue('$.service', '=', 'receive-payment-event'),
        FilterPattern.any(
          FilterPattern.stringValue('$.message_id', '=', 'request_failed'),
          FilterPattern.all(
            FilterPattern.stringValue('$.message_id', '=', 'request_refused'),
            ...expected.map((code) => FilterPattern.stringValue('$.code', '!=', code)),
          ),
        ),
      ),
    );
    this.#add('payment-event-refused', {
      metric: total([refused, receiver.lambda.metricErrors({ period: MINUTE, statistic: 'Sum' })]),
      threshold: 1,
      impact: 'somebody has paid and is not let in, or was paid back and still is, and nobody told them',
      remedy:
        "compare the payment in Stripe's dashboard, under failed deliveries of the webhook, with its row, and send the event again there once the cause in the log is mended",
    });
  }

  /** What the school measures of itself, as its admins read it. */
  #watchHealth(): void {
    const slow = METERED_FLOWS.map((flow) => healthMetric(this.#names, 'DerivedP99', flow));
    this.#add('views-late', {
      metric: new MathExpression({
        expression: `MAX([${slow.map((_, index) => `FILL(m${index}, 0)`).join(', ')}])`,
        usingMetrics: Object.fromEntries(slow.map((metric, index) => [`m${index}`, metric])),
        period: MINUTE,
      }),
      threshold: 5000,
      minutes: 5,
      impact: 'one change in a hundred takes over five seconds to be seen, so people do things twice',
      remedy:
        'read in GET /admin/sync-health or on the dashboard which flow it is, then the log of what derives it',
    });
    this.#add('out-of-step', {
      metric: healthMetric(this.#names, 'Score', ALL_FLOWS),
      // A few cold starts in a quiet school make some changes late, and are no reason to wake anybody.
      threshold: 90,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      minutes: 15,
      impact:
        'more than a tenth of the views were wrong when they were last compared, or late in the last day',
      remedy:
        'read in GET /admin/sync-health which flow it is: start a reconciliation for drift, and look into what is slow or set aside',
    });
  }

  /** A part of a job that was given up: the function itself has not failed. */
  #watchJobs(): void {
    this.#add('job-gave-up', {
      metric: this.#logged('JobGaveUp', FilterPattern.stringValue('$.message_id', '=', 'job_gave_up')),
      threshold: 1,
      impact: 'a part of a job was given up after ten tries: what it should have brought in step is not',
      remedy: 'read the reason in the job (GET /admin/jobs/{jobId}), mend the cause and start the job anew',
    });
  }

  /** An object that cannot be read stays, and no run fails of it. */
  #watchFailedRecords(): void {
    this.#add('failed-records-lie', {
      metric: this.#logged(
        'FailedRecordsLie',
        FilterPattern.any(
          FilterPattern.stringValue('$.message_id', '=', 'failure_unreadable'),
          FilterPattern.stringValue('$.message_id', '=', 'failures_lie_long'),
        ),
      ),
      threshold: 1,
      impact:
        'records that were given up are in the failed-records bucket alone: no list shows them and nobody can redrive them',
      remedy:
        'read the key and the reason in the log of collect-failures, then the object; reconcile its rows, and delete it',
    });
  }

  /** Nothing but the log knows of an event that was not taken: the batch goes on without it. */
  #watchPublishing({ name }: StreamConsumer): void {
    this.#add(`${name}-unheard`, {
      metric: this.#logged('PublishFailed', FilterPattern.stringValue('$.message_id', '=', 'publish_failed')),
      threshold: 5,
      minutes: 3,
      impact: 'open pages are not told of changes; they show them after a reload or their next poll',
      remedy: 'look in the log of the function for what AppSync answered',
    });
  }

  /** How many lines a minute of the functions' log match. */
  #logged(metricName: string, filterPattern: IFilterPattern): Metric {
    const filter = this.#log.addMetricFilter(metricName, {
      filterPattern,
      metricNamespace: this.#names.of('events'),
      metricName,
    });
    return filter.metric({ period: MINUTE, statistic: 'Sum' });
  }

  #add(
    name: string,
    {
      metric,
      threshold,
      comparison = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      minutes = 1,
      impact,
      remedy,
    }: AlarmSpec,
  ): void {
    const alarm = new Alarm(this, constructId(name), {
      alarmName: this.#names.of(name),
      alarmDescription: `Impact: ${impact}. Do: ${remedy}.`,
      metric,
      threshold,
      evaluationPeriods: minutes,
      comparisonOperator: comparison,
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

function kebab(table: string): string {
  return table.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The sum of metrics that may have no data. @throws Error when there are more than an alarm takes */
function total(metrics: readonly Metric[]): MathExpression {
  if (metrics.length > MOST_METRICS)
    throw new Error(`An alarm takes ten metrics at most, not ${metrics.length}`);
  return new MathExpression({
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    period: MINUTE,
  });
}
