import { bitmapWith, mergeBitmaps } from './qbank-bitmap.ts';
import type { QbankRecordState, TestState } from './qbank-states.ts';
import { nextStamp, type Cause } from './stamp.ts';

type Sums = Pick<QbankRecordState, 'tests' | 'firstAnswers' | 'firstRight'>;

/** What a test counts in the record; nothing unless it is completed. */
function sumsOf({ status, results = [] }: Pick<TestState, 'status' | 'results'>): Sums {
  const firsts = results.filter(
    ({ first, optionId, voided }) => first && optionId !== null && voided !== true,
  );
  return {
    tests: status === 'completed' ? 1 : 0,
    firstAnswers: firsts.length,
    firstRight: firsts.filter(({ correct }) => correct).length,
  };
}

/**
 * A student's record in a course when a completed test is added, or is changed from `before` to `after`. Written in
 * the transaction of that, it is always the sum of the completed tests.
 */
export function recordAfter(
  record: QbankRecordState | undefined,
  before: TestState | undefined,
  after: TestState,
  now: string,
  cause: Cause,
): QbankRecordState {
  const { userId, courseId, results = [] } = after;
  const [old, next] = [before === undefined ? undefined : sumsOf(before), sumsOf(after)];
  const sum = (of: keyof Sums): number => (record?.[of] ?? 0) - (old?.[of] ?? 0) + next[of];
  const right = results.filter(({ correct }) => correct);
  return {
    ...record,
    userId,
    courseId,
    tests: sum('tests'),
    firstAnswers: sum('firstAnswers'),
    firstRight: sum('firstRight'),
    seen: mergeBitmaps(record?.seen ?? '', bitmapWith(results.map(({ ordinal }) => ordinal))),
    solved: mergeBitmaps(record?.solved ?? '', bitmapWith(right.map(({ ordinal }) => ordinal))),
    ...nextStamp(record, now, cause),
  };
}

/** First-attempt accuracy in whole percent, by which students are compared; null before the first. */
export function accuracyOf({
  firstAnswers,
  firstRight,
}: Pick<QbankRecordState, 'firstAnswers' | 'firstRight'>): number | null {
  return firstAnswers > 0 ? Math.floor((100 * firstRight) / firstAnswers) : null;
}
