import type { UserId } from './ids.ts';
import { ordinalsOf } from './qbank-bitmap.ts';
import { recordAfter } from './qbank-record.ts';
import type { QbankRecordState, TestHead } from './qbank-states.ts';
import { newestCause, nextStamp } from './stamp.ts';
import type { AccessRequestState, EnrollmentState, StudentState } from './states.ts';
import type { Check, Finding } from './sync-flow.ts';

/** What else has to agree with a student's rows: requests, the list of newcomers, and the records of the question bank. */

/** Nobody who is in a course still waits, or was turned away: letting in ends the request in one transaction. */
export function checkRequests(
  requests: readonly AccessRequestState[],
  enrollments: readonly EnrollmentState[],
): Check & { readonly repair: readonly { request: AccessRequestState; enrollment: EnrollmentState }[] } {
  const repair = requests.flatMap((request) => {
    const enrollment = enrollments.find(({ courseId }) => courseId === request.courseId);
    return enrollment === undefined || enrollment.status === 'cancelled' ? [] : [{ request, enrollment }];
  });
  const findings = repair.map(({ request: { userId, courseId } }): Finding => ({
    flow: 'requests',
    drift: 'orphaned',
    reason: 'not_applied',
    subject: `accessRequests#${userId}#${courseId}`,
  }));
  return { checked: { requests: requests.length }, findings, repair };
}

/**
 * Whoever was ever enrolled has a row of a student, who joined then at the latest, and is listed with the enrollments:
 * as a newcomer, such a student would be on the list twice.
 */
export function checkNewcomer(
  userId: UserId,
  student: StudentState | undefined,
  enrollments: readonly EnrollmentState[],
  now: string,
): Check & {
  readonly repair?: { readonly previous: StudentState | undefined; readonly next: StudentState };
} {
  const [first] = enrollments.toSorted((one, other) => (one.enrolledAt < other.enrolledAt ? -1 : 1));
  if (first === undefined || (student !== undefined && student.newcomerSince === undefined)) {
    return { checked: {}, findings: [] };
  }
  const { newcomerSince: _since, ...rest } = student ?? { userId, joinedAt: first.enrolledAt };
  const drift = student === undefined ? 'missing' : 'wrong';
  const subject = `students#${userId}`;
  return {
    checked: { enrollment: 1 },
    findings: [{ flow: 'enrollment', drift, reason: 'not_applied', subject }],
    repair: {
      previous: student,
      next: {
        ...rest,
        ...nextStamp(student, now, student ?? first),
        // One that was lost begins beyond any version that it had.
        ...(student === undefined && { version: Date.parse(now) }),
      },
    },
  };
}

/**
 * A student's records beside the completed tests, with whose ends they are written; tests that ended after `quietSince`
 * may have been read without their record.
 */
export function checkRecords<R extends QbankRecordState>(given: {
  readonly records: readonly R[];
  readonly tests: readonly TestHead[];
  /** The version of the record that the ledger knows, by course: a row that was removed and is written anew goes on from there. */
  readonly knownVersion: (courseId: string) => number;
  readonly now: string;
  readonly quietSince: string;
}): Check & { readonly repair: readonly { previous: R | undefined; next: QbankRecordState }[] } {
  const { now, quietSince } = given;
  const completed = given.tests.filter(({ status }) => status === 'completed');
  const courses = new Set([...given.records, ...completed].map(({ courseId }) => courseId));
  let checked = 0;
  const findings: Finding[] = [];
  const repair: { previous: R | undefined; next: QbankRecordState }[] = [];
  for (const courseId of courses) {
    const previous = given.records.find((record) => record.courseId === courseId);
    const tests = completed.filter((test) => test.courseId === courseId);
    checked += 1;
    const expected = tests.reduce<QbankRecordState | undefined>(
      (record, test) => recordAfter(record, undefined, { ...test, questions: [] }, now, test),
      undefined,
    );
    if (sameRecord(previous, expected) || tests.some(({ updatedAt }) => updatedAt > quietSince)) continue;
    const of = previous ?? expected;
    if (of === undefined) continue;
    const subject = `qbankRecords#${of.userId}#${courseId}`;
    const flow = 'qbank';
    if (previous === undefined) {
      findings.push({ flow, drift: 'missing', reason: 'not_applied', subject });
    } else if (expected === undefined) {
      findings.push({ flow, drift: 'orphaned', reason: 'unsourced', subject });
    } else findings.push({ flow, drift: 'wrong', reason: 'altered', subject });
    const cause = newestCause(tests) ?? of;
    const version = Math.max(previous?.version ?? 0, given.knownVersion(courseId));
    const next = { ...previous, ...(expected ?? emptied(of)), ...nextStamp({ version }, now, cause) };
    repair.push({ previous, next });
  }
  return { checked: { qbank: checked }, findings, repair };
}

/** It stays as a row: its version keeps what is late from counting. */
function emptied(record: QbankRecordState): QbankRecordState {
  return { ...record, tests: 0, firstAnswers: 0, firstRight: 0, seen: '', solved: '' };
}

function sameRecord(one: QbankRecordState | undefined, other: QbankRecordState | undefined): boolean {
  const told = (record: QbankRecordState | undefined) =>
    JSON.stringify([
      record?.tests ?? 0,
      record?.firstAnswers ?? 0,
      record?.firstRight ?? 0,
      ordinalsOf(record?.seen ?? ''),
      ordinalsOf(record?.solved ?? ''),
    ]);
  // A record of nothing is as good as none.
  return told(one) === told(other) && (one !== undefined || other === undefined);
}
