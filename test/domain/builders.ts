import type { Outline, Item, Qbank, Quiz, Reading, Video } from '../../shared/domain/course.ts';
import { isId, type Id } from '../../shared/domain/ids.ts';
import type { Cause, Stamp } from '../../shared/domain/stamp.ts';
import type {
  AccessRequestState,
  AttemptState,
  ChapterCompletionState,
  CourseState,
  EnrollmentState,
  OutlineState,
  PaymentState,
  ProgressState,
  StudentState,
  VideoProgressState,
  WaiverState,
} from '../../shared/domain/states.ts';

export const START = '2026-11-22T10:00:00.000Z';
export const cause: Cause = { causedBy: 'request-1', causedAt: START };
export const stamp: Stamp = { version: 1, updatedAt: START, ...cause };

/** A moment so many seconds after START. */
export function at(seconds: number): string {
  return new Date(Date.parse(START) + Math.round(seconds * 1000)).toISOString();
}

export function id<T extends Id<string>>(value: string): T {
  if (isId<T>(value)) return value;
  throw new Error(`${value} is not an id`);
}

export function reading(itemId: string, over: Partial<Reading> = {}): Reading {
  return { kind: 'reading', itemId: id(itemId), title: itemId, weight: 1, required: true, ...over };
}

export function video(itemId: string, durationSeconds = 100, over: Partial<Video> = {}): Video {
  return {
    kind: 'video',
    itemId: id(itemId),
    title: itemId,
    weight: 1,
    required: true,
    durationSeconds,
    ...over,
  };
}

export function quiz(itemId: string, over: Partial<Quiz> = {}): Quiz {
  return {
    kind: 'quiz',
    itemId: id(itemId),
    title: itemId,
    weight: 1,
    required: true,
    passMark: 50,
    maxAttempts: 3,
    marking: {
      by: 'key',
      questions: ['one', 'two', 'three'].map((questionId) => ({
        questionId: id(questionId),
        stem: questionId,
        options: ['a', 'b'].map((optionId) => ({ optionId: id(optionId), text: optionId })),
        key: id('a'),
      })),
    },
    ...over,
  };
}

export function qbank(itemId: string, questions: number, over: Partial<Qbank> = {}): Qbank {
  return { kind: 'qbank', itemId: id(itemId), title: itemId, weight: 1, required: true, questions, ...over };
}

export function outline(chapters: Readonly<Record<string, readonly Item[]>>): Outline {
  return {
    chapters: Object.entries(chapters).map(([chapterId, items]) => ({
      chapterId: id(chapterId),
      title: chapterId,
      items,
    })),
  };
}

export function course(over: Partial<CourseState> = {}): CourseState {
  return {
    courseId: id('c1'),
    part: 'course',
    title: 'A course',
    summary: '',
    status: 'published',
    access: 'open',
    outlineVersion: 1,
    ...stamp,
    ...over,
  };
}

export function outlineRow(of: Outline, over: Partial<OutlineState> = {}): OutlineState {
  return { courseId: id('c1'), part: 'draft', chapters: of.chapters, ...stamp, ...over };
}

export function student(over: Partial<StudentState> = {}): StudentState {
  return { userId: id('u1'), joinedAt: START, ...stamp, ...over };
}

export function enrollment(over: Partial<EnrollmentState> = {}): EnrollmentState {
  return {
    userId: id('u1'),
    courseId: id('c1'),
    status: 'active',
    source: 'direct',
    progress: 0,
    attempted: false,
    enrolledAt: START,
    ...stamp,
    ...over,
  };
}

export function progress(over: Partial<ProgressState> = {}): ProgressState {
  return {
    userId: id('u1'),
    courseId: id('c1'),
    totalProgress: 0,
    completedItems: 0,
    requiredItems: 0,
    completedChapters: {},
    watchedVideos: {},
    quizAttempts: {},
    waivedItems: {},
    answeredQuestions: '',
    outlineVersion: 1,
    ruleVersion: 2,
    ...stamp,
    ...over,
  };
}

export function payment(over: Partial<PaymentState> = {}): PaymentState {
  return {
    userId: id('u1'),
    paymentId: id('p1'),
    courseId: id('c1'),
    amount: 4900,
    currency: 'EUR',
    status: 'pending',
    createdAt: START,
    order: {
      title: 'A course',
      successUrl: 'https://school.test/thanks',
      cancelUrl: 'https://school.test/back',
    },
    ...stamp,
    ...over,
  };
}

export function completion(
  chapterId: string,
  over: Partial<ChapterCompletionState> = {},
): ChapterCompletionState {
  return {
    userId: id('u1'),
    courseId: id('c1'),
    chapterId: id(chapterId),
    completedAt: START,
    ...stamp,
    ...over,
  };
}

export function watched(
  videoId: string,
  intervals: VideoProgressState['intervals'],
  over: Partial<VideoProgressState> = {},
): VideoProgressState {
  return {
    userId: id('u1'),
    courseId: id('c1'),
    videoId: id(videoId),
    intervals,
    days: ['2026-11-22'],
    ...stamp,
    ...over,
  };
}

export function attempt(
  quizId: string,
  number: number,
  score: number | null,
  over: Partial<AttemptState> = {},
): AttemptState {
  return {
    userId: id('u1'),
    courseId: id('c1'),
    quizId: id(quizId),
    number,
    attemptId: id(`try-${number}`),
    score,
    passMark: 50,
    submittedAt: START,
    ...stamp,
    ...over,
  };
}

export function accessRequest(over: Partial<AccessRequestState> = {}): AccessRequestState {
  return { userId: id('u1'), courseId: id('c1'), status: 'pending', requestedAt: START, ...stamp, ...over };
}

export function waiver(itemId: string, over: Partial<WaiverState> = {}): WaiverState {
  return {
    userId: id('u1'),
    courseId: id('c1'),
    itemId: id(itemId),
    waived: true,
    reason: 'was ill',
    waivedBy: id('admin'),
    waivedAt: START,
    ...stamp,
    ...over,
  };
}

/** The code of the DomainError that `action` throws; fails when it throws none. */
export function refusal(action: () => unknown): { code: unknown; details: unknown } {
  try {
    action();
  } catch (error) {
    if (error instanceof Error && error.name === 'DomainError') {
      return { code: Reflect.get(error, 'code'), details: Reflect.get(error, 'details') };
    }
    throw error;
  }
  throw new Error('nothing was refused');
}
