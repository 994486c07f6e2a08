import { Logger } from '@aws-lambda-powertools/logger';
import * as z from 'zod';

/** Everything a function may say. One entry a message, so that alarms and queries can rely on the words. */
const MESSAGES = {
  request_failed: 'A request failed unexpectedly',
  request_refused: 'A request was refused',
  reply_malformed: 'A reply does not fit its contract',
  record_set_aside: 'A stream record was set aside',
  batch_failed: 'A part of a batch failed and will be retried',
  publish_failed: 'A change could not be published',
  test_not_closed: 'A test whose time is up could not be ended',
  job_step_failed: 'A step of a job failed; another one will be begun',
  job_gave_up: 'A part of a job failed too often and was given up',
  job_running: 'A job of the same kind is on its way, so that none was started',
  job_not_woken: 'A part of a job whose time has come could not be woken',
  failure_unreadable: 'What a stream mapping gave up lies in the bucket and cannot be read',
  failure_not_collected: 'What a stream mapping gave up could not be taken out of the bucket',
  failures_lie_long: 'What stream mappings gave up has been in the bucket for long',
  sign_up_failed: 'A person who signed up could not be registered',
  lag_not_kept: 'How long changes took could not be written',
  health_measured: 'The health of the synchronisation was measured',
} as const;
export type Message = keyof typeof MESSAGES;

/** Ids, names and numbers; never what people wrote or who they are. */
export type LogIds = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(message: Message, ids?: LogIds): void;
  warn(message: Message, ids?: LogIds, error?: unknown): void;
  error(message: Message, ids?: LogIds, error?: unknown): void;
  metrics(message: Message, report: MetricReport): void;
}

/** Figures for CloudWatch, which reads them out of the log. One that is null was not measured, and is left out. */
export interface MetricReport {
  readonly namespace: string;
  readonly at: Date;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, readonly [unit: MetricUnit, value: number | null]>>;
}
type MetricUnit = 'Milliseconds' | 'Count' | 'Percent';

/** A log of JSON lines. `service` names the function. */
export function createLog(service: string): Log {
  const logger = new Logger({ serviceName: service });
  return {
    info: (message, ids = {}) => logger.info(MESSAGES[message], { message_id: message, ...ids }),
    warn: (message, ids = {}, error) =>
      logger.warn(MESSAGES[message], { message_id: message, ...ids, ...described(error) }),
    error: (message, ids = {}, error) =>
      logger.error(MESSAGES[message], { message_id: message, ...ids, ...described(error) }),
    metrics: (message, report) =>
      logger.info(MESSAGES[message], { message_id: message, ...embeddedMetrics(report) }),
  };
}

/** CloudWatch's embedded metric format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function embeddedMetrics({ namespace, at, dimensions, metrics }: MetricReport): Record<string, unknown> {
  const measured = Object.entries(metrics).filter(([, [, value]]) => value !== null);
  return {
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: measured.map(([Name, [Unit]]) => ({ Name, Unit })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(measured.map(([name, [, value]]) => [name, value])),
  };
}

/** A log that says nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {}, metrics: () => {} };

function described(error: unknown): Record<string, unknown> {
  if (error === undefined) return {};
  if (error instanceof z.ZodError) {
    // The messages can quote what people sent, and so can the paths below a record.
    return { error_name: 'ZodError', error_codes: error.issues.map((issue) => issue.code).join(' ') };
  }
  if (!(error instanceof Error)) return { error_name: typeof error };
  return { error_name: error.name, error_message: error.message, error_stack: error.stack };
}
