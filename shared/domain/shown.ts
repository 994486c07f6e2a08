import { countBits } from './qbank-bitmap.ts';
import { attemptCount, bestScore } from './quiz.ts';
import type { JobState, SegmentState } from './job.ts';
import { isVoided } from './qbank-question.ts';
import type { BankQuestionState, TestHead } from './qbank-states.ts';
import type { Cause } from './stamp.ts';
import type {
  AccessRequestState,
  CertificateState,
  CourseState,
  EnrollmentState,
  NotificationState,
  ProgressState,
  StudentState,
} from './states.ts';
import type { SyncHealth } from './sync-health.ts';

export type VisibleValues = Record<string, number | string | boolean | null>;

/** One shard of an aggregate; its metrics are the attributes that are numbers, the version apart. */
export type AggregateState = Cause & {
  readonly scope: string;
  readonly part: string;
  readonly version: number;
};

/** What is shown of a row: `always` goes with every change, `details` only where they differ. */
export interface Shown {
  readonly always: VisibleValues;
  readonly details: VisibleValues;
}

export const NOTHING: Shown = { always: {}, details: {} };

export function shownEnrollment(row: EnrollmentState): Shown {
  return {
    always: {
      status: row.status,
      source: row.source,
      progress: row.progress,
      progressVersion: row.progressVersion ?? null,
      enrolledAt: row.enrolledAt,
      cancelledAt: row.cancelledAt ?? null,
      completedAt: row.completedAt ?? null,
    },
    details: {},
  };
}

export function shownProgress(row: ProgressState): Shown {
  const details: VisibleValues = {};
  for (const chapterId of Object.keys(row.completedChapters))
    details[`chapters.${chapterId}.completed`] = true;
  for (const [videoId, video] of Object.entries(row.watchedVideos)) {
    details[`videos.${videoId}.percent`] = video.percent;
    details[`videos.${videoId}.completed`] = video.completed;
  }
  for (const [itemId, { waived }] of Object.entries(row.waivedItems)) {
    details[`waivers.${itemId}.waived`] = waived;
  }
  for (const [quizId, attempts] of Object.entries(row.quizAttempts)) {
    details[`quizzes.${quizId}.attempts`] = attemptCount(attempts);
    details[`quizzes.${quizId}.bestScore`] = bestScore(Object.values(attempts));
  }
  const answered = countBits(row.answeredQuestions);
  if (answered > 0) details['qbank.answered'] = answered;
  return {
    always: {
      totalProgress: row.totalProgress,
      completedItems: row.completedItems,
      requiredItems: row.requiredItems,
      completedAt: row.completedAt ?? null,
    },
    details,
  };
}

export function shownCourse(row: CourseState): Shown {
  return { always: { title: row.title, status: row.status, access: row.access }, details: {} };
}

export function shownAggregate(row: AggregateState): Shown {
  const always: VisibleValues = {};
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'number' && name !== 'version') always[name] = value;
  }
  return { always, details: {} };
}

export function shownRequest(row: AccessRequestState): Shown {
  // What people wrote is theirs: it is read over HTTP.
  return {
    always: { status: row.status, requestedAt: row.requestedAt, decidedAt: row.decidedAt ?? null },
    details: {},
  };
}

export function shownCertificate(row: CertificateState): Shown {
  return { always: { courseId: row.courseId, policy: row.policy, issuedAt: row.issuedAt }, details: {} };
}

export function shownNotification(row: NotificationState): Shown {
  return {
    always: { kind: row.kind, courseId: row.courseId ?? null, read: row.readAt !== undefined },
    details: {},
  };
}

/** Neither questions nor answers nor what is right. */
export function shownTest(row: TestHead): Shown {
  return {
    always: {
      courseId: row.courseId,
      status: row.status,
      score: row.score ?? null,
      closesAt: row.closesAt,
      closedAt: row.closedAt ?? null,
    },
    details: {},
  };
}

export function shownQuestion(row: BankQuestionState): Shown {
  return {
    always: {
      topic: row.topic,
      difficulty: row.difficulty,
      questionVersion: row.questionVersion,
      voided: isVoided(row, row.questionVersion),
    },
    details: {},
  };
}

/** Neither name nor address: only that they changed, by the version. */
export function shownStudent(row: StudentState): Shown {
  return { always: { joinedAt: row.joinedAt, readUpTo: row.readUpTo ?? null }, details: {} };
}

function placeOf({ segments, stage, segmentsDone }: JobState): VisibleValues {
  return { segments, stage, segmentsDone };
}

/** How far a job, or a segment of one, has come; why one waits is read over HTTP. */
export function shownJob(row: JobState | SegmentState): Shown {
  const { status, done, aside } = row;
  const details: VisibleValues = {};
  for (const [name, count] of Object.entries(row.counts)) details[`counts.${name}`] = count;
  return 'segments' in row
    ? { always: { status, done, aside, ...placeOf(row) }, details }
    : { always: { status, done, aside, failures: row.failures }, details };
}

/** What people look at: the scores, and of each flow what is not as it should be. Times as people read them. */
export function shownHealth({ score, scores, setAside, flows }: SyncHealth): Shown {
  const details: VisibleValues = {};
  for (const each of scores) details[`scores.${each.name}`] = each.score;
  for (const flow of flows) {
    const { drift } = flow;
    details[`${flow.name}.score`] = flow.score;
    details[`${flow.name}.derived.p50`] = asRead(flow.derived.minutes.p50);
    details[`${flow.name}.derived.p99`] = asRead(flow.derived.minutes.p99);
    details[`${flow.name}.published.p50`] = asRead(flow.published.minutes.p50);
    details[`${flow.name}.published.p99`] = asRead(flow.published.minutes.p99);
    details[`${flow.name}.retrying`] = flow.waiting.retrying;
    details[`${flow.name}.setAside`] = flow.setAside;
    details[`${flow.name}.drift`] = drift && drift.missing + drift.wrong + drift.orphaned;
  }
  return { always: { score, setAside: setAside.waiting }, details };
}

/** Two digits: what moves in the third is no news. */
function asRead(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Number(milliseconds.toPrecision(2));
}
