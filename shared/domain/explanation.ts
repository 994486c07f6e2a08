import type { Contribution, Metrics } from './contribution.ts';
import type { Chapter, Item, Outline } from './course.ts';
import { equal, ownEntry } from './equal.ts';
import type { UserId } from './ids.ts';
import { evaluate, type Evaluation, type Facts, factsOf } from './progress.ts';
import { computeProgress } from './project.ts';
import { countBits } from './qbank-bitmap.ts';
import type { AnswerState } from './qbank-states.ts';
import { bestScore, passed } from './quiz.ts';
import type { Cause } from './stamp.ts';
import type {
  AttemptState,
  ChapterCompletionState,
  EnrollmentState,
  ProgressState,
  VideoProgressState,
  WaiverState,
} from './states.ts';
import { sumMetrics } from './totals.ts';

/** Everything that one learner did in one course, or was let off: the rows themselves, each in one version. */
export interface LearnerRows {
  readonly chapters: readonly ChapterCompletionState[];
  readonly videos: readonly VideoProgressState[];
  readonly attempts: readonly AttemptState[];
  readonly waivers: readonly WaiverState[];
  readonly answers: readonly AnswerState[];
}

/** A source row, and whether the completion of its item is what it is because of it. */
export type ExplainedFact = Cause & {
  readonly version: number;
  /** The learner, or the admin who marked or waived. */
  readonly by: UserId;
  readonly counts: boolean;
} & (
    | { readonly from: 'chapterCompletions'; readonly chapterId: string; readonly completedAt: string }
    | { readonly from: 'videoProgress'; readonly videoId: string; readonly watchedSeconds: number }
    | {
        readonly from: 'quizAttempts';
        readonly quizId: string;
        readonly attemptId: string;
        readonly number: number;
        readonly score: number | null;
        readonly submittedAt: string;
        readonly markedAt?: string | undefined;
      }
    | {
        readonly from: 'waivers';
        readonly itemId: string;
        readonly waived: boolean;
        readonly reason: string;
        readonly waivedAt: string;
      }
    | {
        readonly from: 'qbankQuestionAttempts';
        readonly testId: string;
        readonly questionId: string;
        readonly answeredAt: string;
      }
  );

export interface ExplainedItem {
  readonly itemId: string;
  readonly chapterId: string;
  readonly kind: Item['kind'];
  readonly title: string;
  readonly weight: number;
  readonly required: boolean;
  /** 0 to 1. */
  readonly completion: number;
  /** What it adds to the percentage, of the 100 that there are; not rounded. */
  readonly points: number;
  readonly facts: ExplainedFact[];
}

/**
 * How the points become the percentage that is shown: `complete` shows 100, whatever they add up to; `nothing_counts`
 * shows none, as no required item has a weight; `capped` shows 99, as something required is left; `floored` shows the
 * whole points.
 */
export const PERCENT_RULES = ['complete', 'nothing_counts', 'capped', 'floored'] as const;
export type PercentRule = (typeof PERCENT_RULES)[number];

export interface ProgressExplanation {
  readonly items: ExplainedItem[];
  readonly total: {
    /** Of the required items: the sum of their weights, and of weight times completion. */
    readonly weights: number;
    readonly earned: number;
    /** The sum of the items' points; null without weights. */
    readonly points: number | null;
    readonly shown: number | null;
    readonly rule: PercentRule;
  };
  /** The answers in the course's question bank, of which an item only asks how many questions they are to. */
  readonly practice: {
    readonly questions: number;
    readonly answers: number;
    /** Whether an item of the outline asks for practice. */
    readonly counts: boolean;
    readonly newest: ExplainedFact[];
  };
  /** Facts that no item of the outline asks for, or asks for any more. They are kept. */
  readonly uncounted: ExplainedFact[];
  readonly inStep: boolean;
  /** The attributes in which the stored rows differ from what the source rows amount to. */
  readonly differs: string[];
  readonly computed: Figures;
  /** Null where there is no row. */
  readonly stored: (Figures & Cause & { readonly version: number; readonly updatedAt: string }) | null;
}

type Figures = Pick<
  ProgressState,
  'totalProgress' | 'completedItems' | 'requiredItems' | 'outlineVersion' | 'ruleVersion'
>;

/** How many answers are shown of those that there may be thousands of. */
const NEWEST = 10;

/**
 * Where a learner's progress comes from: what each item of the outline in force adds to it and by which facts, computed
 * from the source rows alone by the rules of the projection, and where the stored rows differ from that. A row that
 * was written a moment ago differs until the stream has told of it.
 */
export function explainProgress(given: {
  readonly outline: Outline;
  readonly outlineVersion: number;
  readonly rows: LearnerRows;
  readonly enrollment: EnrollmentState;
  readonly progress: ProgressState | undefined;
}): ProgressExplanation {
  const { outline, rows } = given;
  const facts = factsOf(rows, outline);
  const evaluation = evaluate(outline, facts);
  const used = new Set<object>();
  const items = outline.chapters.flatMap((chapter) =>
    chapter.items.map((item) => {
      const completion = evaluation.itemCompletion.get(item.itemId) ?? 0;
      return {
        itemId: item.itemId,
        chapterId: chapter.chapterId,
        kind: item.kind,
        title: item.title,
        weight: item.weight,
        required: item.required,
        completion,
        points: pointsOf(item, completion, evaluation),
        facts: factsFor(item, chapter, rows, facts, used),
      };
    }),
  );
  const asksForPractice = items.some(({ kind }) => kind === 'qbank');
  return {
    items,
    total: totalOf(evaluation),
    practice: {
      questions: countBits(facts.answeredQuestions),
      answers: rows.answers.length,
      counts: asksForPractice,
      newest: newestOf(rows.answers).map((row) => answerFact(row, asksForPractice)),
    },
    uncounted: allFacts(rows, facts).flatMap(([row, fact]) => (used.has(row) ? [] : [fact])),
    ...stepOf({ ...given, facts }),
  };
}

function pointsOf(item: Item, completion: number, { weights }: Evaluation): number {
  return item.required && weights > 0 ? (100 * item.weight * completion) / weights : 0;
}

function totalOf(evaluation: Evaluation): ProgressExplanation['total'] {
  const { weights, earned, totalProgress: shown } = evaluation;
  const points = weights > 0 ? (100 * earned) / weights : null;
  return { weights, earned, points, shown, rule: ruleOf(points, shown, evaluation.complete) };
}

function ruleOf(points: number | null, shown: number | null, complete: boolean): PercentRule {
  if (points === null) return 'nothing_counts';
  if (complete) return 'complete';
  return shown === 99 && points + 1e-9 >= 100 ? 'capped' : 'floored';
}

/** The facts of an item; `used` gets their rows. */
function factsFor(
  item: Item,
  chapter: Chapter,
  rows: LearnerRows,
  facts: Facts,
  used: Set<object>,
): ExplainedFact[] {
  const waived = ownEntry(facts.waivedItems, item.itemId)?.waived === true;
  const taken: ExplainedFact[] = [];
  const take = (row: object, fact: ExplainedFact) => {
    used.add(row);
    taken.push(fact);
  };
  for (const row of rows.waivers) if (row.itemId === item.itemId) take(row, waiverFact(row));
  if (item.kind === 'reading' || item.kind === 'video') {
    for (const row of rows.chapters) {
      if (row.chapterId === chapter.chapterId) take(row, chapterFact(row, !waived));
    }
  }
  if (item.kind === 'video') {
    const byChapter = Object.hasOwn(facts.completedChapters, chapter.chapterId);
    for (const row of rows.videos) {
      if (row.videoId === item.itemId) take(row, videoFact(row, facts, !waived && !byChapter));
    }
  }
  if (item.kind === 'quiz') {
    const attempts = rows.attempts.filter(({ quizId }) => quizId === item.itemId);
    const best = bestScore(attempts);
    const passes = passed(best, item.passMark) === true;
    for (const row of attempts) take(row, attemptFact(row, !waived && passes && row.score === best));
  }
  return taken;
}

function stampOf({ version, causedBy, causedAt }: Cause & { readonly version: number }) {
  return { version, causedBy, causedAt };
}

function waiverFact(row: WaiverState): ExplainedFact {
  const { itemId, waived, reason, waivedAt, waivedBy: by } = row;
  return { from: 'waivers', itemId, waived, reason, waivedAt, by, counts: waived, ...stampOf(row) };
}

function chapterFact(row: ChapterCompletionState, counts: boolean): ExplainedFact {
  const { chapterId, completedAt, userId: by } = row;
  return { from: 'chapterCompletions', chapterId, completedAt, by, counts, ...stampOf(row) };
}

function videoFact(row: VideoProgressState, facts: Facts, counts: boolean): ExplainedFact {
  const watchedSeconds = ownEntry(facts.watchedVideos, row.videoId)?.seconds ?? 0;
  return {
    from: 'videoProgress',
    videoId: row.videoId,
    watchedSeconds,
    by: row.userId,
    counts,
    ...stampOf(row),
  };
}

function attemptFact(row: AttemptState, counts: boolean): ExplainedFact {
  const { quizId, attemptId, number, score, submittedAt, markedAt } = row;
  return {
    from: 'quizAttempts',
    quizId,
    attemptId,
    number,
    score,
    submittedAt,
    ...(markedAt !== undefined && { markedAt }),
    by: row.markedBy ?? row.userId,
    counts,
    ...stampOf(row),
  };
}

function answerFact(row: AnswerState, counts: boolean): ExplainedFact {
  const { testId, questionId, answeredAt, userId: by } = row;
  return { from: 'qbankQuestionAttempts', testId, questionId, answeredAt, by, counts, ...stampOf(row) };
}

function newestOf(answers: readonly AnswerState[]): readonly AnswerState[] {
  const descending = (one: string, other: string) => (one < other ? 1 : one > other ? -1 : 0);
  return answers.toSorted((one, other) => descending(one.answeredAt, other.answeredAt)).slice(0, NEWEST);
}

/** Every row but the answers, which are told of apart, as the fact that it is where nothing counts it. */
function allFacts(rows: LearnerRows, facts: Facts): [row: object, fact: ExplainedFact][] {
  return [
    ...rows.chapters.map((row): [object, ExplainedFact] => [row, chapterFact(row, false)]),
    ...rows.videos.map((row): [object, ExplainedFact] => [row, videoFact(row, facts, false)]),
    ...rows.attempts.map((row): [object, ExplainedFact] => [row, attemptFact(row, false)]),
    ...rows.waivers.map((row): [object, ExplainedFact] => [row, { ...waiverFact(row), counts: false }]),
  ];
}

/** What a progress row says that has to follow from the source rows. */
const DERIVED = [
  'totalProgress',
  'completedItems',
  'requiredItems',
  'completedChapters',
  'watchedVideos',
  'quizAttempts',
  'waivedItems',
  'answeredQuestions',
  'outlineVersion',
  'ruleVersion',
] as const;

function stepOf(given: {
  readonly outline: Outline;
  readonly outlineVersion: number;
  readonly facts: Facts;
  readonly enrollment: EnrollmentState;
  readonly progress: ProgressState | undefined;
}): Pick<ProgressExplanation, 'inStep' | 'differs' | 'computed' | 'stored'> {
  const { enrollment, progress } = given;
  // Without the stored row, which would lend it the facts that it holds.
  const { computed, complete } = computeProgress({ ...given, progress: undefined, cause: enrollment });
  const differs = [
    ...DERIVED.filter((name) => progress === undefined || !equal(progress[name], computed[name])),
    ...(complete && progress?.completedAt === undefined ? ['completedAt'] : []),
    ...(enrollment.progress === computed.totalProgress ? [] : ['enrollment.progress']),
    ...(complete && enrollment.status === 'active' ? ['enrollment.status'] : []),
  ];
  return {
    inStep: differs.length === 0,
    differs,
    computed: figuresOf(computed),
    stored:
      progress === undefined
        ? null
        : { ...figuresOf(progress), ...stampOf(progress), updatedAt: progress.updatedAt },
  };
}

function figuresOf(row: Figures): Figures {
  const { totalProgress, completedItems, requiredItems, outlineVersion, ruleVersion } = row;
  return { totalProgress, completedItems, requiredItems, outlineVersion, ruleVersion };
}

/** What a ledger row adds to an aggregate. */
export type ExplainedContribution = Cause & {
  readonly source: string;
  readonly sourceVersion: number;
  readonly metrics: Metrics;
};

/** Of ledger rows, those that add to the aggregate, and what they add up to. */
export function explainAggregate(
  aggregate: string,
  ledgers: readonly (Cause & {
    readonly source: string;
    readonly sourceVersion: number;
    readonly contribution: Contribution;
  })[],
): { readonly rows: ExplainedContribution[]; readonly sum: Metrics } {
  const rows = ledgers.flatMap(({ source, sourceVersion, contribution, causedBy, causedAt }) => {
    const metrics = ownEntry(contribution, aggregate);
    return metrics === undefined ? [] : [{ source, sourceVersion, metrics, causedBy, causedAt }];
  });
  return { rows, sum: sumMetrics(rows.map(({ metrics }) => metrics)) };
}
