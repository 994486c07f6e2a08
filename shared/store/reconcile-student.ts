import { type EarnedCheck, checkEarned } from '../domain/check-earned.ts';
import { checkLearner, type LearnerCheck, withoutCourse } from '../domain/check-learner.ts';
import { checkLedger } from '../domain/check-ledger.ts';
import { checkNewcomer, checkRecords, checkRequests } from '../domain/check-student.ts';
import { COMPLETION_POLICY } from '../domain/certificate.ts';
import type { UserId } from '../domain/ids.ts';
import { recordSource } from '../domain/qbank-contribution.ts';
import type { Stamp } from '../domain/stamp.ts';
import type { ProgressState } from '../domain/states.ts';
import { type Check, type Finding, FLOWS } from '../domain/sync-flow.ts';
import type { Documents } from './documents.ts';
import { writeDue } from './dues.ts';
import {
  accessRequestKey,
  certificateKey,
  enrollmentKey,
  type Named,
  notificationKey,
  progressKey,
} from './keys.ts';
import { restoreLedger } from './ledger.ts';
import type { Outlines } from './outlines.ts';
import { recordPut } from './qbank-tests.ts';
import { settle, type SettleOptions } from './settle.ts';
import { ledgerEntries, readStudent, type STUDENT_TABLES, type StudentRows } from './student-rows.ts';
import { asRead, atVersion, commit, type Write } from './transact.ts';
import { outlineInForce } from './study.ts';

type Tables = Named<(typeof STUDENT_TABLES)[number]>;

export interface ReconcileOptions {
  readonly now: () => Date;
  readonly settling?: SettleOptions;
  readonly outlines: Outlines;
  /** Random bytes that nobody can guess, as many as a certificate's code is made of. */
  readonly codeBytes: () => Uint8Array;
  /** What was written in the last so many seconds may be on its way, and is left to the streams. */
  readonly quietSeconds: number;
  /** False: look only. */
  readonly repair: boolean;
}

/** What was compared, by flow, what was out of step, and how much of that was set right. */
export interface Reconciled {
  readonly checked: Check['checked'];
  readonly findings: readonly (Finding & { readonly repaired: boolean })[];
}

/** Requests are deleted by commands: whether a ledger row without one is news on its way shows a moment later. */
const LOOK_AGAIN_MS = 3_000;

/**
 * Compares everything derived of a student with what the sources amount to, both ways, and sets right what is out of
 * step while the student goes on: each write is held to the rows that it was decided on, and where one of them
 * has moved, all is read and decided anew. What one look finds counts only if a second one finds it too, so that rows
 * read on both sides of a write convict nobody.
 *
 * Requests: as `readStudent`, twice where something is out of step; then what sets it right.
 *
 * @throws MalformedRow, DomainError busy
 */
export async function reconcileStudent(
  documents: Documents,
  tables: Tables,
  userId: UserId,
  options: ReconcileOptions,
): Promise<Reconciled> {
  const confirmed = new Map<string, Finding>();
  const look = async () => check(userId, await readStudent(documents, tables, userId), options);
  const checked = await settle(async () => {
    const first = await look();
    if (first.findings.length === 0) return first.checked;
    if (first.findings.some(mayBeLeaving)) await (options.settling?.sleep ?? wait)(LOOK_AGAIN_MS);
    const second = await look();
    const seen = new Set(first.findings.map(nameOf));
    for (const finding of second.findings) {
      if (seen.has(nameOf(finding))) confirmed.set(nameOf(finding), finding);
    }
    const sources = new Set([...confirmed.values()].map(({ subject }) => subject));
    if (options.repair) await repair(documents, tables, second, sources, options);
    return first.checked;
  }, options.settling);
  return {
    checked,
    findings: [...confirmed.values()].map((finding) => ({
      ...finding,
      repaired: options.repair && !isLeft(finding),
    })),
  };
}

function nameOf({ flow, drift, subject }: Finding): string {
  return `${flow} ${drift} ${subject}`;
}

function mayBeLeaving({ drift, subject }: Finding): boolean {
  return drift === 'orphaned' && subject.startsWith('ledger#accessRequests#');
}

/** A certificate that nothing tells of was handed out all the same, and nobody is put out of a course that is gone. */
function isLeft({ flow, drift, subject }: Finding): boolean {
  return drift === 'orphaned' && (flow === 'certificates' || subject.startsWith('enrollments#'));
}

type Learner = StudentRows['derived']['learners'][number];
type Looked = Awaited<ReturnType<typeof check>>;

async function check(userId: UserId, rows: StudentRows, options: ReconcileOptions) {
  const { derived, sources } = rows;
  const now = options.now();
  const at = now.toISOString();
  const quietSince = new Date(now.getTime() - options.quietSeconds * 1000).toISOString();
  const isQuiet = ({ updatedAt }: { readonly updatedAt: string }) => updatedAt <= quietSince;

  const learners: (LearnerCheck & { readonly learner: Learner })[] = [];
  const progresses: ProgressState[] = [];
  for (const learner of derived.learners) {
    const { courseId, course, enrollment, progress } = learner;
    if (course === undefined && enrollment !== undefined) {
      learners.push({ learner, ...withoutCourse(enrollment) });
      continue;
    }
    const of = <Row extends { readonly courseId: string }>(all: readonly Row[]) =>
      all.filter((row) => row.courseId === courseId);
    const checkedLearner = checkLearner({
      enrollment,
      progress,
      certificate: derived.certificates.find((each) => each.courseId === courseId),
      outline: course === undefined ? { chapters: [] } : await outlineInForce(options.outlines, course),
      outlineVersion: course?.outlineVersion ?? 0,
      courseUpdatedAt: course?.updatedAt ?? at,
      rows: {
        chapters: of(sources.chapters),
        videos: of(sources.videos),
        attempts: of(sources.attempts),
        waivers: of(sources.waivers),
        answers: of(sources.answers),
      },
      now: at,
      quietSince,
    });
    learners.push({ learner, ...checkedLearner });
    const expected = checkedLearner.repair.progress ?? progress;
    if (expected !== undefined && checkedLearner.repair.removeProgress === undefined) {
      progresses.push({ ...expected, updatedAt: progress?.updatedAt ?? at });
    }
  }

  const knownVersion = (courseId: string) =>
    derived.ledgers.find(({ source }) => source === recordSource({ userId, courseId }))?.sourceVersion ?? 0;
  const records = checkRecords({
    records: derived.records,
    tests: sources.tests,
    knownVersion,
    now: at,
    quietSince,
  });
  const newcomer = checkNewcomer(userId, sources.student, sources.enrollments, at);
  const knownOfStudent = derived.ledgers.find(({ source }) => source === `students#${userId}`)?.sourceVersion;
  const lost = sources.student === undefined ? newcomer.repair?.next : undefined;
  const believed: StudentRows['sources'] = {
    ...sources,
    // The row itself will be newer than what the ledger knows.
    ...(lost !== undefined &&
      knownOfStudent !== undefined && {
        student: { ...lost, version: knownOfStudent, updatedAt: quietSince },
      }),
    enrollments: sources.enrollments.map((row) =>
      asRepaired(row, learners.find(({ learner }) => learner.courseId === row.courseId)?.repair.enrollment),
    ),
    records: [
      ...sources.records.map((row) =>
        asRepaired(row, records.repair.find(({ next }) => next.courseId === row.courseId)?.next),
      ),
      // One that was removed is told of in the version that the ledger knows: the row itself will be newer.
      ...records.repair
        .filter(({ next }) => !sources.records.some(({ courseId }) => courseId === next.courseId))
        .map(({ next }) => ({ ...next, version: knownVersion(next.courseId), updatedAt: quietSince })),
    ],
  };
  const ledger = checkLedger({
    ledgers: derived.ledgers,
    entries: ledgerEntries(believed),
    settled: ledgerEntries(believed, isQuiet),
  });
  const requests = checkRequests(sources.accessRequests, sources.enrollments);
  const earned = checkEarned({ ...derived, progresses, now, quietSince });
  const all: readonly Check[] = [...learners, ledger, records, requests, newcomer, earned];
  return {
    checked: Object.fromEntries(
      FLOWS.map((flow) => [flow, all.reduce((sum, { checked }) => sum + (checked[flow] ?? 0), 0)]),
    ),
    findings: all.flatMap(({ findings }) => findings),
    learners,
    ledger,
    records,
    requests,
    newcomer,
    earned,
  };
}

/**
 * A row that is both derived and a source of the ledger, as it should be, in the version that it has: what it says now
 * must not come to the ledger, which would hand it on to the aggregates with the next version.
 */
function asRepaired<Row extends Stamp>(row: Row, repaired: Row | undefined): Row {
  const { version, updatedAt } = row;
  // Of a newer row than it was decided on, nothing is known.
  return repaired !== undefined && repaired.version > version ? { ...repaired, version, updatedAt } : row;
}

/**
 * The ledger first: what the other writes change in the sources comes to it by the streams, in newer versions. The
 * aggregates are not touched: they are compared with the whole ledger when all students have been gone through.
 * Each step is whole by itself, so that it does not matter where this is cut off.
 */
async function repair(
  documents: Documents,
  tables: Tables,
  looked: Looked,
  confirmed: ReadonlySet<string>,
  options: ReconcileOptions,
): Promise<void> {
  // What only the second look saw of the ledger may be on its way: nothing holds its sources.
  const ledgers = looked.ledger.repair.filter(({ source }) => confirmed.has(`ledger#${source}`));
  await restoreLedger(documents, tables, ledgers, options);
  for (const { learner, repair: of } of looked.learners) {
    await commit(documents, learnerWrites(tables, learner, of));
  }
  for (const { previous, next } of looked.records.repair) {
    await commit(documents, [recordPut(tables, previous, next)]);
  }
  for (const { request, enrollment } of looked.requests.repair) {
    const { userId, courseId } = request;
    await commit(documents, [
      {
        kind: 'delete',
        table: tables.accessRequests,
        key: accessRequestKey(userId, courseId),
        when: atVersion(request.version),
      },
      {
        kind: 'check',
        table: tables.enrollments,
        key: enrollmentKey(userId, courseId),
        when: atVersion(enrollment.version),
      },
    ]);
  }
  const { repair: newcomer } = looked.newcomer;
  if (newcomer !== undefined) {
    const when = asRead(newcomer.previous, 'userId');
    await commit(documents, [{ kind: 'put', table: tables.students, item: newcomer.next, when }]);
  }
  await repairEarned(documents, tables, looked.earned.repair, options);
}

function learnerWrites(
  tables: Named<'enrollments' | 'studentProgress'>,
  { enrollment, progress }: Learner,
  repair: LearnerCheck['repair'],
): Write[] {
  const writes: Write[] = [];
  if (repair.removeProgress === true && progress !== undefined) {
    const { userId, courseId, version } = progress;
    const key = progressKey(userId, courseId);
    writes.push({ kind: 'delete', table: tables.studentProgress, key, when: atVersion(version) });
  }
  if (repair.progress !== undefined) {
    const when = asRead(progress, 'userId');
    writes.push({ kind: 'put', table: tables.studentProgress, item: repair.progress, when });
  }
  if (repair.enrollment !== undefined) {
    const when = asRead(enrollment, 'userId');
    writes.push({ kind: 'put', table: tables.enrollments, item: repair.enrollment, when });
  }
  return writes;
}

async function repairEarned(
  documents: Documents,
  tables: Tables,
  { dues, certificates, notifications, removed }: EarnedCheck['repair'],
  options: ReconcileOptions,
): Promise<void> {
  for (const due of dues) {
    await writeDue(documents, tables, due, { random: options.codeBytes, now: options.now });
  }
  for (const { previous, next } of certificates) {
    const item = { ...next, ...certificateKey(next.userId, next.courseId, COMPLETION_POLICY) };
    const when = asRead(previous, 'userId');
    await commit(documents, [{ kind: 'put', table: tables.certificates, item, when }]);
  }
  for (const { previous, next } of notifications) {
    const when = asRead(previous, 'userId');
    await commit(documents, [{ kind: 'put', table: tables.notifications, item: next, when }]);
  }
  for (const { userId, notificationId, version } of removed) {
    const key = notificationKey(userId, notificationId);
    const when = atVersion(version);
    await commit(documents, [{ kind: 'delete', table: tables.notifications, key, when }]);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
