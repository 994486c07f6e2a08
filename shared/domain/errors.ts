/** Every way in which a command can be refused. `shared/runtime/problem.ts` gives each its HTTP status. */
export type DomainErrorCode =
  | 'invalid_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'course_unknown'
  | 'course_not_published'
  | 'course_closed'
  | 'course_status_refused'
  | 'course_empty'
  | 'bank_too_small'
  | 'chapter_unknown'
  | 'item_unknown'
  | 'not_enrolled'
  | 'attempt_unknown'
  | 'attempt_conflict'
  | 'attempts_exhausted'
  | 'mark_conflict'
  | 'not_marked_by_hand'
  | 'answers_invalid'
  | 'interval_invalid'
  | 'video_too_fragmented'
  | 'already_enrolled'
  | 'request_unknown'
  | 'request_status_refused'
  | 'student_unknown'
  | 'waiver_unknown'
  | 'notification_unknown'
  | 'certificate_unknown'
  | 'course_not_paid'
  | 'payment_unknown'
  | 'payment_conflict'
  | 'payment_mismatch'
  | 'question_unknown'
  | 'question_invalid'
  | 'question_conflict'
  | 'bank_full'
  | 'job_unknown'
  | 'job_running'
  | 'failure_unknown'
  | 'failure_settled'
  | 'failure_not_redrivable'
  | 'row_gone'
  | 'row_malformed'
  | 'test_unknown'
  | 'test_conflict'
  | 'test_closed'
  | 'no_questions_left'
  | 'question_not_in_test'
  | 'option_unknown'
  | 'answer_conflict'
  | 'answer_revealed'
  | 'answers_exhausted'
  | 'signature_invalid'
  | 'provider_unavailable'
  | 'version_conflict'
  | 'key_reused'
  | 'body_too_large'
  | 'busy';

/** What the caller needs to act on it. `field` is the part of the command that is wrong, as a dotted path. */
export type DomainErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** An expected refusal of a command: the caller can act on it, nothing was written. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: DomainErrorCode,
    message: string,
    readonly details: DomainErrorDetails = {},
  ) {
    super(message);
  }
}
