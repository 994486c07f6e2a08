import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  explainAggregate,
  type ExplainedFact,
  explainProgress,
  type LearnerRows,
} from '../../shared/domain/explanation.ts';
import type { UserId } from '../../shared/domain/ids.ts';
import { factsOf } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import * as build from './builders.ts';
import { answered } from './qbank-builders.ts';

const COURSE = build.outline({
  basics: [build.reading('read'), build.video('film', 100)],
  deeper: [build.quiz('test', { weight: 2 }), build.reading('more', { required: false })],
  practice: [build.qbank('drill', 4)],
});

const NOTHING: LearnerRows = { chapters: [], videos: [], attempts: [], waivers: [], answers: [] };

function given(rows: Partial<LearnerRows>, outline = COURSE) {
  const all = { ...NOTHING, ...rows };
  const projected = project({
    enrollment: build.enrollment(),
    progress: undefined,
    outline,
    outlineVersion: 1,
    facts: factsOf(all, outline),
    now: build.START,
    cause: build.cause,
  });
  const progress = projected.progress;
  const enrollment = projected.enrollment ?? build.enrollment();
  return { outline, outlineVersion: 1, rows: all, enrollment, progress };
}

function item(explained: ReturnType<typeof explainProgress>, itemId: string) {
  const found = explained.items.find((each) => each.itemId === itemId);
  if (found === undefined) throw new Error(`There is no ${itemId}`);
  return found;
}

const counting = (facts: readonly ExplainedFact[]) =>
  facts.filter(({ counts }) => counts).map(({ from }) => from);

describe('the explanation of a progress', () => {
  it('tells what each item adds, of the weight of the required ones', () => {
    const explained = explainProgress(
      given({
        videos: [build.watched('film', [[0, 50]])],
        attempts: [build.attempt('test', 1, 40), build.attempt('test', 2, 80)],
        answers: [answered('q0', 'a', { ordinal: 0 })],
      }),
    );
    expect(explained.items.map(({ itemId, completion, points }) => [itemId, completion, points])).toEqual([
      ['read', 0, 0],
      ['film', 0.5, 10],
      ['test', 1, 40],
      ['more', 0, 0],
      ['drill', 0.25, 5],
    ]);
    expect(explained.total).toEqual({ weights: 5, earned: 2.75, points: 55, shown: 55, rule: 'floored' });
  });

  it('names the row that an item is complete by, when and by whom', () => {
    const marked = build.attempt('test', 2, 80, {
      version: 2,
      markedAt: build.at(60),
      markedBy: build.id<UserId>('teacher'),
      causedBy: 'request-7',
      causedAt: build.at(60),
    });
    const explained = explainProgress(given({ attempts: [build.attempt('test', 1, 40), marked] }));
    expect(item(explained, 'test').facts).toEqual([
      expect.objectContaining({ number: 1, score: 40, by: 'u1', counts: false, version: 1 }),
      {
        from: 'quizAttempts',
        quizId: 'test',
        attemptId: marked.attemptId,
        number: 2,
        score: 80,
        submittedAt: build.START,
        markedAt: build.at(60),
        by: 'teacher',
        counts: true,
        version: 2,
        causedBy: 'request-7',
        causedAt: build.at(60),
      },
    ]);
  });

  it('counts a waiver before what the learner did, and a chapter before its video', () => {
    const rows = {
      chapters: [build.completion('basics')],
      videos: [build.watched('film', [[0, 50]])],
      waivers: [build.waiver('read')],
    };
    const explained = explainProgress(given(rows));
    expect(counting(item(explained, 'read').facts)).toEqual(['waivers']);
    expect(item(explained, 'read').facts[0]).toMatchObject({ by: 'admin', reason: 'was ill' });
    expect(counting(item(explained, 'film').facts)).toEqual(['chapterCompletions']);
    const withdrawn = explainProgress(
      given({ ...rows, waivers: [build.waiver('read', { waived: false, version: 2 })] }),
    );
    expect(counting(item(withdrawn, 'read').facts)).toEqual(['chapterCompletions']);
  });

  it('shows 100 when all is complete, 99 while something without weight is left, and nothing without weights', () => {
    const two = build.outline({ ch: [build.reading('a'), build.quiz('b', { weight: 0 })] });
    const read = { chapters: [build.completion('ch')] };
    expect(explainProgress(given(read, two)).total).toMatchObject({ points: 100, shown: 99, rule: 'capped' });
    const done = { ...read, attempts: [build.attempt('b', 1, 100)] };
    expect(explainProgress(given(done, two)).total).toMatchObject({ shown: 100, rule: 'complete' });
    const empty = build.outline({ ch: [build.reading('a', { weight: 0 })] });
    expect(explainProgress(given(read, empty)).total).toMatchObject({
      points: null,
      shown: null,
      rule: 'nothing_counts',
    });
  });

  it('keeps apart what no item asks for any more', () => {
    const rows = {
      chapters: [build.completion('deeper'), build.completion('gone')],
      videos: [build.watched('removed', [[0, 30]])],
      attempts: [build.attempt('film', 1, 100)],
      waivers: [build.waiver('dropped')],
    };
    const explained = explainProgress(given(rows));
    expect(explained.uncounted).toMatchObject([
      { from: 'chapterCompletions', chapterId: 'gone', counts: false },
      { from: 'videoProgress', videoId: 'removed', watchedSeconds: 30, counts: false },
      { from: 'quizAttempts', quizId: 'film', counts: false },
      { from: 'waivers', itemId: 'dropped', counts: false },
    ]);
  });

  it('tells of practice by its count and its newest answers, however many there are', () => {
    const answers = Array.from({ length: 500 }, (_, index) =>
      answered(`q${index % 100}`, 'a', { ordinal: index % 100, answeredAt: build.at(index) }),
    );
    const { practice } = explainProgress(given({ answers }));
    expect(practice).toMatchObject({ questions: 100, answers: 500, counts: true });
    expect(practice.newest).toHaveLength(10);
    expect(practice.newest[0]).toMatchObject({ answeredAt: build.at(499), counts: true });
    const elsewhere = explainProgress(given({ answers }, build.outline({ ch: [build.reading('a')] })));
    expect(elsewhere.practice).toMatchObject({ questions: 100, counts: false });
  });

  it('is in step with what the projection made of the same rows, and says where it is not', () => {
    const situation = given({ chapters: [build.completion('basics')] });
    expect(explainProgress(situation)).toMatchObject({
      inStep: true,
      differs: [],
      stored: { version: situation.progress?.version },
    });
    const rows = { ...situation.rows, attempts: [build.attempt('test', 1, 90)] };
    const behind = explainProgress({ ...situation, rows });
    expect(behind).toMatchObject({
      inStep: false,
      differs: ['totalProgress', 'completedItems', 'quizAttempts', 'enrollment.progress'],
      stored: { totalProgress: 40 },
      computed: { totalProgress: 80 },
    });
    const lost = explainProgress({ ...situation, progress: undefined });
    expect(lost).toMatchObject({ inStep: false, stored: null });
    const republished = explainProgress({ ...situation, outlineVersion: 2 });
    expect(republished.differs).toEqual(['outlineVersion']);
  });

  it('adds up to the percentage of the projection by the rule it names, whatever was done', () => {
    const items = fc.record({
      weights: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 4, maxLength: 4 }),
      seconds: fc.integer({ min: 0, max: 100 }),
      score: fc.constantFrom(null, 0, 49.99, 50, 100),
      read: fc.boolean(),
      ordinals: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 }),
      waived: fc.boolean(),
    });
    fc.assert(
      fc.property(items, ({ weights, seconds, score, read, ordinals, waived }) => {
        const [a = 0, b = 0, c = 0, d = 0] = weights;
        const outline = build.outline({
          one: [build.reading('r', { weight: a })],
          two: [build.video('v', 100, { weight: b }), build.qbank('p', 7, { weight: d })],
          three: [build.quiz('q', { weight: c })],
        });
        const {
          items: explained,
          total,
          computed,
        } = explainProgress(
          given(
            {
              chapters: read ? [build.completion('one')] : [],
              videos: seconds > 0 ? [build.watched('v', [[0, seconds]])] : [],
              attempts: [build.attempt('q', 1, score)],
              waivers: [build.waiver('q', { waived })],
              answers: ordinals.map((ordinal) => answered(`q${ordinal}`, 'a', { ordinal })),
            },
            outline,
          ),
        );
        expect(total.shown).toBe(computed.totalProgress);
        const sum = explained.reduce((points, each) => points + each.points, 0);
        expect(sum).toBeCloseTo(total.points ?? 0, 6);
        const shown = { complete: 100, nothing_counts: null, capped: 99, floored: Math.floor(sum + 1e-6) };
        expect(total.shown).toBe(shown[total.rule]);
      }),
    );
  });
});

describe('the explanation of an aggregate', () => {
  const ledger = (source: string, contribution: Record<string, Record<string, number>>) => ({
    source,
    sourceVersion: 3,
    contribution,
    ...build.cause,
  });

  it('has the rows that add to it, with what each adds to this one alone, and their sum', () => {
    const explained = explainAggregate('school|total', [
      ledger('students#a', { 'school|total': { learners: 1 } }),
      ledger('quizAttempts#a', {
        'school|total': { attempts: 1, scoreSum: 4000 },
        'course#c|total': { attempts: 1 },
      }),
      ledger('quizAttempts#b', { 'school|total': { attempts: 1, scoreSum: 500 } }),
      ledger('accessRequests#a', {}),
    ]);
    expect(explained.rows.map(({ source }) => source)).toEqual([
      'students#a',
      'quizAttempts#a',
      'quizAttempts#b',
    ]);
    expect(explained.rows[1]).toEqual({
      source: 'quizAttempts#a',
      sourceVersion: 3,
      metrics: { attempts: 1, scoreSum: 4000 },
      ...build.cause,
    });
    expect(explained.sum).toEqual({ learners: 1, attempts: 2, scoreSum: 4500 });
  });
});
