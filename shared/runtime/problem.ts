import type { DomainError, DomainErrorCode, DomainErrorDetails } from '../domain/errors.ts';

/** The HTTP status of every refusal. */
export const STATUS_OF: Readonly<Record<DomainErrorCode, number>> = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  course_unknown: 404,
  course_not_published: 409,
  course_closed: 403,
  course_status_refused: 409,
  course_empty: 409,
  bank_too_small: 409,
  chapter_unknown: 404,
  item_unknown: 404,
  not_enrolled: 409,
  attempt_unknown: 404,
  attempt_conflict: 409,
  attempts_exhausted: 409,
  mark_conflict: 409,
  not_marked_by_hand: 409,
  answers_invalid: 422,
  interval_invalid: 422,
  video_too_fragmented: 422,
  already_enrolled: 409,
  request_unknown: 404,
  request_status_refused: 409,
  student_unknown: 404,
  waiver_unknown: 404,
  notification_unknown: 404,
  certificate_unknown: 404,
  course_not_paid: 409,
  payment_unknown: 404,
  payment_conflict: 409,
  payment_mismatch: 409,
  question_unknown: 404,
  question_invalid: 422,
  question_conflict: 409,
  bank_full: 409,
  job_unknown: 404,
  job_running: 409,
  failure_unknown: 404,
  failure_settled: 409,
  failure_not_redrivable: 409,
  row_gone: 409,
  row_malformed: 409,
  test_unknown: 404,
  test_conflict: 409,
  test_closed: 409,
  no_questions_left: 409,
  question_not_in_test: 404,
  option_unknown: 422,
  answer_conflict: 409,
  answer_revealed: 409,
  answers_exhausted: 409,
  signature_invalid: 400,
  provider_unavailable: 503,
  version_conflict: 409,
  key_reused: 422,
  body_too_large: 413,
  busy: 503,
};

/** Seconds after which a refused-as-busy command may be sent again. */
const RETRY_AFTER_SECONDS = 1;

/** The part of an HTTP API's reply that this edge fills in. */
export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The body is bytes, in base 64. */
  readonly isBase64Encoded?: true;
}

/** The refusal as problem+json (RFC 9457), with `code` and, by field, `details`. */
export function problemReply(error: DomainError, requestId: string): HttpReply {
  const statusCode = STATUS_OF[error.code];
  return {
    statusCode,
    headers: {
      ...problemHeaders(requestId),
      ...(error.code === 'busy' && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
      ...(error.code === 'unauthenticated' && { 'www-authenticate': 'Bearer' }),
    },
    body: JSON.stringify({
      type: `urn:lockstep:problem:${error.code}`,
      title: error.message,
      status: statusCode,
      code: error.code,
      details: detailsOf(error),
      requestId,
    }),
  };
}

/**
 * The domain knows a command's fields by their names; callers are told the place in the request, and what is wrong
 * there, in the one form that the edge's own refusals have too.
 */
function detailsOf({ details: { field, ...facts }, message }: DomainError): DomainErrorDetails {
  return field === undefined ? facts : { ...facts, [`body.${field}`]: message };
}

/** What is said of an unexpected failure: nothing but the id to look for in the log. */
export function failureReply(requestId: string): HttpReply {
  return {
    statusCode: 500,
    headers: problemHeaders(requestId),
    body: JSON.stringify({
      type: 'about:blank',
      title: 'Something went wrong on our side',
      status: 500,
      requestId,
    }),
  };
}

function problemHeaders(requestId: string): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  };
}
