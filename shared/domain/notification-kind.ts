/** What a student is told of. */
export const NOTIFICATION_KINDS = [
  'enrolled',
  'unenrolled',
  'request_approved',
  'request_rejected',
  'payment_completed',
  'payment_failed',
  'payment_refunded',
  'item_waived',
  'waiver_withdrawn',
  'certificate_issued',
  'progress_lowered',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** What a sentence about it needs: the course's title as it was, a reason, an amount, ... */
export type NotificationDetails = Readonly<Record<string, string | number>>;
