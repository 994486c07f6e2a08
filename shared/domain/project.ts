import type { Outline } from './course.ts';
import { equal } from './equal.ts';
import { evaluate, mergeFacts, RULE_VERSION, storedFacts, type Facts } from './progress.ts';
import { goneRow, nextStamp, type Cause } from './stamp.ts';
import type { EnrollmentState, ProgressState } from './states.ts';

/** The rows to write. An absent row stays as it is; none at all means that nothing changed. */
export interface Projection {
  readonly progress?: ProgressState;
  readonly enrollment?: EnrollmentState;
}

export interface Projecting {
  /** Undefined where the learner was never enrolled: then there is nothing to project on. */
  readonly enrollment: EnrollmentState | undefined;
  readonly progress: ProgressState | undefined;
  readonly outline: Outline;
  readonly outlineVersion: number;
  readonly facts: Facts;
  readonly now: string;
  /** Of the newest source fact. */
  readonly cause: Cause;
}

/** What a progress row says beside its stamp. `completedAt` is set once, at the time of the cause, and stays. */
export function computeProgress(given: Omit<Projecting, 'now'>): {
  readonly computed: Omit<ProgressState, 'userId' | 'courseId' | 'version' | 'updatedAt' | keyof Cause>;
  readonly complete: boolean;
} {
  const facts =
    given.progress === undefined ? given.facts : mergeFacts(storedFacts(given.progress), given.facts);
  const evaluation = evaluate(given.outline, facts);
  const completedAt =
    given.enrollment?.completedAt ??
    given.progress?.completedAt ??
    (evaluation.complete ? given.cause.causedAt : undefined);
  return {
    complete: evaluation.complete,
    computed: {
      totalProgress: evaluation.totalProgress,
      completedItems: evaluation.completedItems,
      requiredItems: evaluation.requiredItems,
      completedChapters: facts.completedChapters,
      watchedVideos: evaluation.watchedVideos,
      quizAttempts: facts.quizAttempts,
      waivedItems: facts.waivedItems,
      answeredQuestions: facts.answeredQuestions,
      ...(completedAt === undefined ? {} : { completedAt }),
      outlineVersion: given.outlineVersion,
      ruleVersion: RULE_VERSION,
    },
  };
}

/**
 * Brings facts into the progress row, and what follows from them into the enrollment: its progress always
 * (also a cancelled one's), completed once complete and never back. Pure, so facts may come in any order,
 * repeated, and in any batches. Both rows carry the same completedAt.
 */
export function project(given: Projecting): Projection {
  const { enrollment } = given;
  if (enrollment === undefined) return {};
  const { computed, complete } = computeProgress(given);
  const attempted = enrollment.attempted || hasAttempt(computed);
  const status = enrollment.status === 'active' && complete ? 'completed' : enrollment.status;
  return changesTo(given, enrollment, { ...computed, ...loweredBy(given, computed) }, { status, attempted });
}

/**
 * As `project`, where the facts are all that there are: what the stored rows say beside them is not believed. Only what
 * was earned stays, which no fact tells of any more once the course has changed. Nobody is told of a lower percentage:
 * the one before may never have been true.
 *
 * @param given.earnedAt when the course was first complete; undefined where that was never
 */
export function projectAnew(given: Projecting & { readonly earnedAt: string | undefined }): Projection {
  const { enrollment, earnedAt } = given;
  if (enrollment === undefined) return {};
  const { completedAt: _told, ...rest } = enrollment;
  const believed = earnedAt === undefined ? rest : { ...rest, completedAt: earnedAt };
  const { computed, complete } = computeProgress({ ...given, enrollment: believed, progress: undefined });
  const attempted = hasAttempt(computed);
  return changesTo(given, believed, computed, { status: statusAnew(believed, complete), attempted });
}

/** Who came back to a course that has grown since is active, though it was complete once. */
function statusAnew({ status, completedAt }: EnrollmentState, complete: boolean): EnrollmentState['status'] {
  if (status === 'cancelled') return status;
  if (complete) return 'completed';
  return completedAt === undefined ? 'active' : status;
}

function hasAttempt({ quizAttempts }: Pick<ProgressState, 'quizAttempts'>): boolean {
  return Object.values(quizAttempts).some((each) => Object.keys(each).length > 0);
}

/** The rows as they are to be, where they differ from those given. */
function changesTo(
  given: Projecting,
  enrolled: EnrollmentState,
  computed: ReturnType<typeof computeProgress>['computed'] & Pick<ProgressState, 'lowered'>,
  { status, attempted }: Pick<EnrollmentState, 'status' | 'attempted'>,
): Projection {
  const { enrollment, progress, now, cause } = given;
  const { userId, courseId } = enrolled;
  const { completedAt } = computed;
  const { completedAt: _told, ...kept } = progress ?? {};
  const nextProgress: ProgressState = {
    ...kept,
    userId,
    courseId,
    ...computed,
    ...nextStamp(progress ?? goneRow(now), now, cause),
  };
  const nextEnrollment: EnrollmentState = {
    ...enrolled,
    progress: computed.totalProgress,
    status,
    attempted,
    ...(completedAt === undefined ? {} : { completedAt }),
  };
  const progressStays = progress !== undefined && equal({ ...kept, ...computed }, progress);
  const { version: progressVersion } = progressStays ? progress : nextProgress;
  const repeated =
    nextEnrollment.progress === enrollment?.progress && completedAt === enrollment?.completedAt
      ? {}
      : { progressVersion };
  return {
    ...(progressStays ? {} : { progress: nextProgress }),
    ...(equal(nextEnrollment, enrollment)
      ? {}
      : { enrollment: { ...nextEnrollment, ...repeated, ...nextStamp(enrollment, now, cause) } }),
  };
}

/** Whether a newer outline lowers the percentage: who is in the course is told, once for an outline. */
function loweredBy(
  { enrollment, progress, now }: Projecting,
  { totalProgress: to, outlineVersion }: Pick<ProgressState, 'totalProgress' | 'outlineVersion'>,
): Pick<ProgressState, 'lowered'> {
  if (enrollment === undefined || enrollment.status === 'cancelled' || progress === undefined) return {};
  const { totalProgress: from } = progress;
  if (outlineVersion <= progress.outlineVersion || from === null || to === null || to >= from) return {};
  return { lowered: { outlineVersion, from, to, at: now } };
}
