import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TestId } from '../../shared/domain/ids.ts';
import { emptyFacts, factsOf, type SourceRows } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import { ordinalsOf } from '../../shared/domain/qbank-bitmap.ts';
import type { AnswerState } from '../../shared/domain/qbank-states.ts';
import type {
  AttemptState,
  ChapterCompletionState,
  EnrollmentState,
  ProgressState,
  VideoProgressState,
} from '../../shared/domain/states.ts';
import {
  at,
  attempt,
  cause,
  completion,
  enrollment,
  id,
  outline,
  progress,
  qbank,
  quiz,
  reading,
  video,
  watched,
} from './builders.ts';
import { answered } from './qbank-builders.ts';

const later = { causedBy: 'request-2', causedAt: at(30) };

describe('any order, repetition and batching of source records', () => {
  const duration = 100;
  const of = outline({
    ch1: [reading('r1', { weight: 2 }), video('v1', duration)],
    ch2: [video('v2', 40), quiz('q1', { weight: 0.5 }), quiz('q2'), qbank('b1', 3, { weight: 1.5 })],
  });

  type Change =
    | { kind: 'chapter'; row: ChapterCompletionState }
    | { kind: 'video'; row: VideoProgressState }
    | { kind: 'attempt'; row: AttemptState }
    | { kind: 'answer'; row: AnswerState };

  /** A history: each row's versions, one after the other. */
  const history: fc.Arbitrary<Change[]> = fc
    .record({
      chapters: fc.uniqueArray(fc.constantFrom('ch1', 'ch2', 'gone'), { maxLength: 3 }),
      plays: fc.array(fc.tuple(fc.constantFrom('v1', 'v2', 'vx'), fc.integer({ min: 1, max: 130 })), {
        maxLength: 6,
      }),
      marks: fc.array(
        fc.tuple(
          fc.constantFrom('q1', 'q2'),
          fc.integer({ min: 1, max: 2 }),
          fc.option(fc.integer({ min: 0, max: 100 })),
        ),
        { maxLength: 8 },
      ),
      answers: fc.array(
        fc.tuple(fc.constantFrom(0, 7, 8, 30), fc.constantFrom('t1', 't2'), fc.constantFrom('a', 'b')),
        { maxLength: 8 },
      ),
    })
    .map(({ chapters, plays, marks, answers }) => {
      const changes: Change[] = chapters.map((chapter) => ({ kind: 'chapter', row: completion(chapter) }));
      const versions = new Map<string, number>();
      const next = (key: string): number => {
        const version = (versions.get(key) ?? 0) + 1;
        versions.set(key, version);
        return version;
      };
      const played = new Map<string, number>();
      for (const [name, to] of plays) {
        played.set(name, Math.max(played.get(name) ?? 0, to));
        changes.push({
          kind: 'video',
          row: watched(name, [[0, played.get(name) ?? 0]], { version: next(name) }),
        });
      }
      for (const [name, number, score] of marks) {
        changes.push({
          kind: 'attempt',
          row: attempt(name, number, score, { version: next(`${name}-${number}`) }),
        });
      }
      for (const [ordinal, testId, option] of answers) {
        const version = next(`${testId}-${ordinal}`);
        const row = answered(`b${ordinal}`, option, { ordinal, testId: id<TestId>(testId), version });
        changes.push({ kind: 'answer', row });
      }
      return changes;
    });

  function rowsOf(changes: readonly Change[]): SourceRows {
    return {
      chapters: changes.flatMap((each) => (each.kind === 'chapter' ? [each.row] : [])),
      videos: changes.flatMap((each) => (each.kind === 'video' ? [each.row] : [])),
      attempts: changes.flatMap((each) => (each.kind === 'attempt' ? [each.row] : [])),
      answers: changes.flatMap((each) => (each.kind === 'answer' ? [each.row] : [])),
    };
  }

  /** The requirement spelt out over the last state of every row; nothing of the code under test. */
  function naive(changes: readonly Change[]) {
    const chapters = new Set<string>();
    const seconds = new Map<string, number>();
    const scores = new Map<string, Map<number, number | null>>();
    const questions = new Set<number>();
    for (const change of changes) {
      if (change.kind === 'chapter') chapters.add(change.row.chapterId);
      if (change.kind === 'video') seconds.set(change.row.videoId, change.row.intervals[0]?.[1] ?? 0);
      if (change.kind === 'answer') questions.add(change.row.ordinal);
      if (change.kind === 'attempt') {
        const { quizId, number, score } = change.row;
        scores.set(quizId, (scores.get(quizId) ?? new Map<number, number | null>()).set(number, score));
      }
    }
    const share = (name: string, length: number): number => {
      const part = Math.min(seconds.get(name) ?? 0, length) / length;
      return part >= 0.9 ? 1 : part;
    };
    const passes = (name: string): number =>
      [...(scores.get(name)?.values() ?? [])].some((score) => (score ?? -1) >= 50) ? 1 : 0;
    const parts: [number, number][] = [
      [2, chapters.has('ch1') ? 1 : 0],
      [1, chapters.has('ch1') ? 1 : share('v1', 100)],
      [1, chapters.has('ch2') ? 1 : share('v2', 40)],
      [0.5, passes('q1')],
      [1, passes('q2')],
      [1.5, Math.min(1, questions.size / 3)],
    ];
    const done = parts.filter(([, part]) => part === 1).length;
    const percent = Math.floor(
      (100 * parts.reduce((sum, [weight, part]) => sum + weight * part, 0)) / 7 + 1e-9,
    );
    return {
      totalProgress: done === 6 ? 100 : Math.min(99, percent),
      completedItems: done,
      completedChapters: [...chapters].sort(),
      attempts: [...scores].map(([name, each]) => [name, [...each].sort(([a], [b]) => a - b)]).sort(),
      attempted: scores.size > 0,
      questions: [...questions].sort((a, b) => a - b),
    };
  }

  function seen(row: ProgressState, of: EnrollmentState) {
    return {
      totalProgress: row.totalProgress,
      completedItems: row.completedItems,
      completedChapters: Object.keys(row.completedChapters).sort(),
      attempts: Object.entries(row.quizAttempts)
        .map(([name, each]) => [
          name,
          Object.entries(each)
            .map(([number, { score }]) => [Number(number), score])
            .sort(([a], [b]) => Number(a) - Number(b)),
        ])
        .sort(),
      attempted: of.attempted,
      questions: ordinalsOf(row.answeredQuestions),
    };
  }

  function fold(batches: readonly (readonly Change[])[]): {
    progress: ProgressState;
    enrollment: EnrollmentState;
  } {
    let state = { progress: progress({ requiredItems: 6 }), enrollment: enrollment() };
    for (const batch of batches) {
      const facts = factsOf(rowsOf(batch), of);
      state = {
        ...state,
        ...project({ ...state, outline: of, outlineVersion: 1, facts, now: at(1), cause }),
      };
    }
    return state;
  }

  test('ends in the state of the naive model', () => {
    fc.assert(
      fc.property(
        history.chain((changes) =>
          fc.tuple(
            fc.constant(changes),
            fc.shuffledSubarray([...changes, ...changes], { minLength: 0 }),
            fc.shuffledSubarray(changes, { minLength: changes.length }),
            fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }),
          ),
        ),
        ([changes, some, all, sizes]) => {
          // Everything at least once, much of it twice, cut into batches.
          const records = [...some, ...all];
          const batches: Change[][] = [];
          for (const size of sizes) batches.push(records.splice(0, size));
          batches.push(records);
          const state = fold(batches);
          expect(seen(state.progress, state.enrollment)).toEqual(naive(changes));
          expect(state.enrollment.progress).toBe(state.progress.totalProgress);

          const {
            version: _v,
            causedAt: _a,
            causedBy: _b,
            updatedAt: _u,
            completedAt: _c,
            ...values
          } = state.progress;
          const { version: _w, completedAt: _d, ...pure } = fold([changes]).progress;
          expect(values).toEqual(Object.fromEntries(Object.entries(pure).filter(([name]) => name in values)));
          if (naive(changes).totalProgress === 100)
            expect(state.enrollment).toMatchObject({ status: 'completed', completedAt: cause.causedAt });
          // Delivered once more, nothing moves.
          const again = project({
            ...state,
            outline: of,
            outlineVersion: 1,
            facts: factsOf(rowsOf(changes), of),
            now: at(9),
            cause: later,
          });
          expect(again).toEqual({});
          expect(
            project({
              ...state,
              outline: of,
              outlineVersion: 1,
              facts: emptyFacts(),
              now: at(9),
              cause: later,
            }),
          ).toEqual({});
        },
      ),
      { numRuns: 100 },
    );
  });
});
