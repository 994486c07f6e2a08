import type { AnswerState } from '../../shared/domain/qbank-states.ts';
import type { AttemptState, ChapterCompletionState, VideoProgressState } from '../../shared/domain/states.ts';

/** Whole rows of the fact tables: what the domain knows of them, with their keys and what only the store needs. */

export function completionRow(state: ChapterCompletionState) {
  return { ...state, completion: `${state.courseId}#${state.chapterId}` };
}

export function videoRow(state: VideoProgressState) {
  return {
    ...state,
    video: `${state.courseId}#${state.videoId}`,
    positionSeconds: 0,
    lastBeatAt: state.updatedAt,
    playheads: {},
  };
}

export function attemptRow(state: AttemptState) {
  const number = String(state.number).padStart(4, '0');
  return { ...state, attempt: `${state.courseId}#${state.quizId}#${number}` };
}

export function answerRow(state: AnswerState) {
  return { ...state, attempt: `${state.courseId}#${state.testId}#${state.questionId}` };
}
