import type { Outline } from './course.ts';
import { equal, ownEntry } from './equal.ts';
import type { LearnerRows } from './explanation.ts';
import { allItems } from './outline.ts';
import { emptyFacts, type Facts, factsOf, storedFacts } from './progress.ts';
import { type Projection, projectAnew } from './project.ts';
import { bitmapWith, countBits, ordinalsOf } from './qbank-bitmap.ts';
import { newestCause } from './stamp.ts';
import type { CertificateState, EnrollmentState, ProgressState } from './states.ts';
import type { Check, Finding } from './sync-flow.ts';

/**
 * Whether a learner's rows in a course are what the source rows amount to, computed from the source rows alone. A source
 * row that was written a moment ago may still be on its way: as long as nothing tells of a newer one, what is
 * stored of it counts as right.
 */

export interface LearnerReading {
  readonly enrollment: EnrollmentState | undefined;
  readonly progress: ProgressState | undefined;
  /** Of the completed course. */
  readonly certificate: CertificateState | undefined;
  readonly outline: Outline;
  readonly outlineVersion: number;
  /** When the course was last changed: ISO 8601, like all times. */
  readonly courseUpdatedAt: string;
  /** Read after the rows above, so that they are at least as new as what those tell of them. */
  readonly rows: LearnerRows;
  readonly now: string;
  /** What was written after it may be on its way. */
  readonly quietSince: string;
}

export interface LearnerCheck extends Check {
  /** What sets it right; empty where nothing is out of step. */
  readonly repair: Projection & { readonly removeProgress?: true };
}

/** For so long after a course has changed, a learner who is still by the outline before is on the way to the new one. */
const RECALCULATION_MS = 3_600_000;

/** The rows of a learner in a course beside what they are made of. */
export function checkLearner(given: LearnerReading): LearnerCheck {
  const { enrollment, progress } = given;
  if (enrollment === undefined) return progress === undefined ? NOTHING : orphaned(progress);
  if (isOnTheWay(given)) return NOTHING;

  const stored = progress === undefined ? emptyFacts() : storedFacts(progress);
  const facts = measuredAsStored(factsOf(given.rows, given.outline), stored, given.outline);
  const settled = settledFacts(facts, stored, given);
  const cause = newestCause(Object.values(given.rows).flat()) ?? enrollment;
  const earnedAt = earned(given);
  const anew = { ...given, facts: settled, cause, earnedAt };
  const expected = projectAnew(anew);

  const of = `studentProgress#${enrollment.userId}#${enrollment.courseId}`;
  const found: Finding[] = [];
  const checked = { enrollment: 1, progress: 1, video: 0, quiz: 0, qbank: 0 };
  if (progress === undefined) {
    found.push({ flow: 'enrollment', drift: 'missing', reason: 'not_applied', subject: of });
  }
  const videos = compareFacts('video', `${of}.watchedVideos`, stored.watchedVideos, settled.watchedVideos);
  const attempts = compareFacts(
    'quiz',
    `${of}.quizAttempts`,
    flattened(stored.quizAttempts),
    flattened(settled.quizAttempts),
  );
  const practice = comparePractice(`${of}.answeredQuestions`, stored, settled);
  checked.video += videos.checked;
  checked.quiz += attempts.checked;
  checked.qbank += practice.checked;
  found.push(...videos.found, ...attempts.found, ...practice.found);
  const totals = compareRows(given, expected, of, stored, settled);
  if (totals !== undefined) found.push(totals);
  return {
    checked,
    findings: found,
    repair: found.length === 0 ? {} : projectAnew({ ...anew, facts }),
  };
}

const NOTHING: LearnerCheck = { checked: {}, findings: [], repair: {} };

/** Without its course there is no telling what a learner's rows should be: an operator has to look. */
export function withoutCourse({ userId, courseId }: EnrollmentState): LearnerCheck {
  const subject = `enrollments#${userId}#${courseId}`;
  return {
    checked: { enrollment: 1 },
    findings: [{ flow: 'enrollment', drift: 'orphaned', reason: 'unsourced', subject }],
    repair: {},
  };
}

/** Nobody is ever un-enrolled so that the enrollment is gone: a progress without one tells of nothing. */
function orphaned({ userId, courseId }: ProgressState): LearnerCheck {
  const subject = `studentProgress#${userId}#${courseId}`;
  return {
    checked: { enrollment: 1 },
    findings: [{ flow: 'enrollment', drift: 'orphaned', reason: 'unsourced', subject }],
    repair: { removeProgress: true },
  };
}

/** A course that was just published brings its learners to the new outline by a job of its own. */
function isOnTheWay({ progress, outlineVersion, courseUpdatedAt, now }: LearnerReading): boolean {
  const behind = progress !== undefined && progress.outlineVersion < outlineVersion;
  return behind && Date.parse(now) - Date.parse(courseUpdatedAt) < RECALCULATION_MS;
}

/**
 * When the course was first complete, by the three rows that tell it: as two of them have it, or else the earliest, since
 * what was earned stays.
 */
function earned({ enrollment, progress, certificate }: LearnerReading): string | undefined {
  const told = [enrollment, progress, certificate].flatMap((row) => row?.completedAt ?? []).sort();
  return told.find((time, index) => told.indexOf(time) !== index) ?? told[0];
}

/** A video that the outline has no more is kept as it was measured by the last outline that had it. */
function measuredAsStored(facts: Facts, stored: Facts, outline: Outline): Facts {
  const inOutline = new Set(allItems(outline).map(({ itemId }): string => itemId));
  const watchedVideos = Object.entries(facts.watchedVideos).map(([videoId, fact]) => {
    const kept = ownEntry(stored.watchedVideos, videoId);
    return [videoId, !inOutline.has(videoId) && kept?.version === fact.version ? kept : fact] as const;
  });
  return { ...facts, watchedVideos: Object.fromEntries(watchedVideos) };
}

/** The facts without what may be on its way: of that, what is stored. */
function settledFacts(facts: Facts, stored: Facts, { rows, quietSince }: LearnerReading): Facts {
  const recent = <Row extends { readonly updatedAt: string }>(
    all: readonly Row[],
    name: (row: Row) => string,
  ) => new Set(all.filter(({ updatedAt }) => updatedAt > quietSince).map(name));
  const stands = new Set(ordinalsOf(stored.answeredQuestions));
  const answered = rows.answers.filter(
    ({ updatedAt, ordinal }) => updatedAt <= quietSince || stands.has(ordinal),
  );
  const quizzes = [...new Set([...Object.keys(facts.quizAttempts), ...Object.keys(stored.quizAttempts)])];
  const quizAttempts = quizzes.map((quizId) => {
    const own = rows.attempts.filter((attempt) => attempt.quizId === quizId);
    const of = (all: Facts) => ownEntry(all.quizAttempts, quizId) ?? {};
    return [
      quizId,
      settledOf(
        of(facts),
        of(stored),
        recent(own, ({ number }) => String(number)),
      ),
    ] as const;
  });
  return {
    completedChapters: settledOf(
      facts.completedChapters,
      stored.completedChapters,
      recent(rows.chapters, ({ chapterId }) => chapterId),
    ),
    watchedVideos: settledOf(
      facts.watchedVideos,
      stored.watchedVideos,
      recent(rows.videos, ({ videoId }) => videoId),
    ),
    quizAttempts: Object.fromEntries(
      quizAttempts.filter(([, attemptsOfQuiz]) => Object.keys(attemptsOfQuiz).length > 0),
    ),
    waivedItems: settledOf(
      facts.waivedItems,
      stored.waivedItems,
      recent(rows.waivers, ({ itemId }) => itemId),
    ),
    answeredQuestions: bitmapWith(answered.map(({ ordinal }) => ordinal)),
  };
}

function settledOf<F extends { readonly version: number }>(
  facts: Readonly<Record<string, F>>,
  stored: Readonly<Record<string, F>>,
  recent: ReadonlySet<string>,
): Record<string, F> {
  const settled = Object.entries(facts).flatMap(([id, fact]): [string, F][] => {
    const kept = ownEntry(stored, id);
    if (!recent.has(id) || (kept !== undefined && kept.version >= fact.version)) return [[id, fact]];
    return kept === undefined ? [] : [[id, kept]];
  });
  return Object.fromEntries(settled);
}

function flattened(quizAttempts: Facts['quizAttempts']) {
  const all = Object.entries(quizAttempts).flatMap(([quizId, attempts]) =>
    Object.entries(attempts).map(([number, fact]) => [`${quizId}.${number}`, fact] as const),
  );
  return Object.fromEntries(all);
}

/** One value for each fact that should be there, or is. */
function compareFacts<F extends { readonly version: number }>(
  flow: 'video' | 'quiz',
  of: string,
  stored: Readonly<Record<string, F>>,
  settled: Readonly<Record<string, F>>,
): { readonly checked: number; readonly found: readonly Finding[] } {
  const ids = [...new Set([...Object.keys(stored), ...Object.keys(settled)])];
  const found = ids.flatMap((id): Finding[] => {
    const [kept, fact] = [ownEntry(stored, id), ownEntry(settled, id)];
    const subject = `${of}.${id}`;
    if (fact === undefined) return [{ flow, drift: 'orphaned', reason: 'unsourced', subject }];
    if (kept === undefined) return [{ flow, drift: 'missing', reason: 'not_applied', subject }];
    if (equal(kept, fact)) return [];
    const reason = kept.version < fact.version ? 'not_applied' : 'altered';
    return [{ flow, drift: 'wrong', reason, subject }];
  });
  return { checked: ids.length, found };
}

/** One value for the practice in a course's bank, where there is any. */
function comparePractice(
  subject: string,
  stored: Facts,
  settled: Facts,
): { readonly checked: number; readonly found: readonly Finding[] } {
  const [kept, answered] = [stored.answeredQuestions, settled.answeredQuestions];
  if (countBits(kept) === 0 && countBits(answered) === 0) return { checked: 0, found: [] };
  if (equal(ordinalsOf(kept), ordinalsOf(answered))) return { checked: 1, found: [] };
  const flow = 'qbank';
  if (countBits(answered) === 0) {
    return { checked: 1, found: [{ flow, drift: 'orphaned', reason: 'unsourced', subject }] };
  }
  if (countBits(kept) === 0) {
    return { checked: 1, found: [{ flow, drift: 'missing', reason: 'not_applied', subject }] };
  }
  const all = new Set(ordinalsOf(answered));
  const reason = ordinalsOf(kept).every((ordinal) => all.has(ordinal)) ? 'not_applied' : 'altered';
  return { checked: 1, found: [{ flow, drift: 'wrong', reason, subject }] };
}

/** What is concluded from the facts: one value, whichever attributes of the two rows differ. */
function compareRows(
  { progress }: LearnerReading,
  expected: Projection,
  subject: string,
  stored: Facts,
  settled: Facts,
): Finding | undefined {
  const flow = 'progress';
  if (progress === undefined) return { flow, drift: 'missing', reason: 'not_applied', subject };
  if (expected.progress === undefined && expected.enrollment === undefined) return undefined;
  return { flow, drift: 'wrong', reason: lacks(stored, settled) ? 'not_applied' : 'altered', subject };
}

/** Whether there are facts that what is stored has not, or has in an older version. */
function lacks(stored: Facts, settled: Facts): boolean {
  const isNew = (of: (facts: Facts) => Readonly<Record<string, { readonly version: number }>>) =>
    Object.entries(of(settled)).some(
      ([name, { version }]) => (ownEntry(of(stored), name)?.version ?? 0) < version,
    );
  const answered = new Set(ordinalsOf(stored.answeredQuestions));
  return (
    isNew(({ completedChapters }) => completedChapters) ||
    isNew(({ watchedVideos }) => watchedVideos) ||
    isNew(({ quizAttempts }) => flattened(quizAttempts)) ||
    isNew(({ waivedItems }) => waivedItems) ||
    ordinalsOf(settled.answeredQuestions).some((ordinal) => !answered.has(ordinal))
  );
}
