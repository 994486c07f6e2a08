import type { Item, Outline, Quiz } from '../domain/course.ts';
import { ownEntry } from '../domain/equal.ts';
import { emptyFacts, evaluate, type Evaluation, type Facts, waives } from '../domain/progress.ts';
import { countBits } from '../domain/qbank-bitmap.ts';
import { attemptCount, bestScore } from '../domain/quiz.ts';
import type { AccessRequestState, CourseState, EnrollmentState, ProgressState } from '../domain/states.ts';
import { accessRequestView } from './access-request-view.ts';
import { enrollmentView } from './enrollment-view.ts';
import type { StudentCourseDetail } from './views.ts';

type ChapterView = StudentCourseDetail['chapters'][number];
type ItemView = ChapterView['items'][number];

interface Standing {
  readonly facts: Facts;
  readonly evaluation: Evaluation;
  readonly positions: ReadonlyMap<string, number>;
  /** Whether the learner may see what is asked in quizzes. */
  readonly studies: boolean;
}

/**
 * A course as a learner sees it. The answer keys stay here; the questions are shown only to those who are in
 * the course, as it may have to be paid for. `positions` are seconds by videoId.
 */
export function courseDetail(given: {
  readonly course: CourseState;
  readonly outline: Outline;
  readonly enrollment: EnrollmentState | undefined;
  readonly request: AccessRequestState | undefined;
  readonly progress: ProgressState | undefined;
  readonly positions: ReadonlyMap<string, number>;
}): StudentCourseDetail {
  const { course, outline, enrollment, request, progress, positions } = given;
  const facts = progress ?? emptyFacts();
  const evaluation = evaluate(outline, facts);
  const studies = enrollment !== undefined && enrollment.status !== 'cancelled';
  const standing = { facts, evaluation, positions, studies };
  return {
    courseId: course.courseId,
    title: course.title,
    summary: course.summary,
    access: course.access,
    status: course.status,
    outlineVersion: course.outlineVersion,
    ...(course.price && { price: course.price }),
    ...(enrollment && { enrollment: enrollmentView(enrollment, course.title) }),
    ...(request && { request: accessRequestView(request, course.title) }),
    totalProgress: progress === undefined ? null : progress.totalProgress,
    chapters: outline.chapters.map((chapter) => ({
      chapterId: chapter.chapterId,
      title: chapter.title,
      completed: Object.hasOwn(facts.completedChapters, chapter.chapterId),
      items: chapter.items.map((item) => itemView(item, standing)),
    })),
  };
}

function itemView(item: Item, standing: Standing): ItemView {
  const { itemId, title, weight, required } = item;
  const completed = standing.evaluation.itemCompletion.get(itemId) === 1;
  const waived = waives(standing.facts, itemId);
  const basics = { itemId, title, weight, required, completed, waived };
  switch (item.kind) {
    case 'reading':
      return { kind: 'reading', ...basics };
    case 'video':
      return {
        kind: 'video',
        ...basics,
        durationSeconds: item.durationSeconds,
        percent: ownEntry(standing.evaluation.watchedVideos, itemId)?.percent ?? 0,
        positionSeconds: standing.positions.get(itemId) ?? 0,
      };
    case 'quiz': {
      const attempts = ownEntry(standing.facts.quizAttempts, itemId) ?? {};
      return {
        kind: 'quiz',
        ...basics,
        passMark: item.passMark,
        attempts: attemptCount(attempts),
        maxAttempts: item.maxAttempts,
        bestScore: bestScore(Object.values(attempts)),
        markedByHand: item.marking.by === 'hand',
        questions: standing.studies ? questionsOf(item) : [],
      };
    }
    case 'qbank':
      return {
        kind: 'qbank',
        ...basics,
        questions: item.questions,
        answered: countBits(standing.facts.answeredQuestions),
      };
  }
}

function questionsOf(quiz: Quiz): Extract<ItemView, { kind: 'quiz' }>['questions'] {
  if (quiz.marking.by === 'hand') return [];
  return quiz.marking.questions.map(({ questionId, stem, options }) => ({
    questionId,
    stem,
    options: options.map(({ optionId, text }) => ({ optionId, text })),
  }));
}
