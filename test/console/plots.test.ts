import { describe, expect, it } from 'vitest';
import { busiestFlow, lagByMinute, scoreByMinute } from '../../console/src/operate/minutes.ts';
import { pointsOf } from '../../console/src/operate/question-points.ts';
import type { QuestionTable } from '../../shared/contracts/qbank.ts';
import type { HealthMinute } from '../../shared/contracts/sync-health.ts';
import { FLOWS } from '../../shared/domain/sync-flow.ts';

type Lag = HealthMinute['flows'][number]['derived'];
const NOTHING: Lag = { events: 0, p50: null, p99: null };

const minute = (time: string, over: Partial<HealthMinute> = {}): HealthMinute => ({
  at: `2026-11-22T${time}:00.000Z`,
  flows: [],
  score: 100,
  scores: [],
  ...over,
});
const video = (p50: number, events = 1) => ({
  name: 'video' as const,
  derived: NOTHING,
  published: { events, p50, p99: 2 * p50 },
});

describe('The plot of the latency', () => {
  it('has every minute up to the last that was measured, also those that nobody measured', () => {
    const history = [minute('09:59', { flows: [video(40)] }), minute('10:02', { flows: [video(80)] })];
    const points = lagByMinute(history, 5, 'video', 'published');
    expect(points.map(({ at, p50 }) => [at.slice(11, 16), p50])).toEqual([
      ['09:58', null],
      ['09:59', 40],
      ['10:00', null],
      ['10:01', null],
      ['10:02', 80],
    ]);
    expect(points.at(-1)).toMatchObject({ p99: 160, events: 1 });
  });

  it('leaves a minute empty in which nothing of the flow arrived at that stage', () => {
    const history = [minute('10:00', { flows: [video(40)] })];
    const latest = (flow: string, stage: 'derived' | 'published') => lagByMinute(history, 1, flow, stage)[0];
    expect(latest('video', 'derived')).toMatchObject({ p50: null, events: 0 });
    expect(latest('quiz', 'published')).toMatchObject({ p50: null, events: 0 });
  });

  it('has nothing before anything was measured', () => {
    expect(lagByMinute([], 60, 'video', 'published')).toEqual([]);
    expect(scoreByMinute([], 60)).toEqual([]);
  });

  it('begins with the flow of which most arrived', () => {
    const quiz = { ...video(10, 3), name: 'quiz' as const };
    const history = [
      minute('10:00', { flows: [video(40, 2), quiz] }),
      minute('10:01', { flows: [video(40, 2)] }),
    ];
    expect(busiestFlow(history, 'published')).toBe('video');
    expect(FLOWS).toContain(busiestFlow([], 'derived'));
  });
});

describe('The plot of the score', () => {
  it('is not drawn through minutes without one', () => {
    const history = [minute('10:00'), minute('10:01', { score: null }), minute('10:03', { score: 97 })];
    expect(scoreByMinute(history, 4).map(({ score }) => score)).toEqual([100, null, null, 97]);
  });
});

describe('The scatter of questions', () => {
  type Question = QuestionTable['questions'][number];
  const question = (figures: Partial<Question['figures']>, over: Partial<Question> = {}) =>
    ({
      questionId: 'q1',
      topic: 'heart',
      difficulty: 'medium',
      questionVersion: 1,
      stem: 'Which?',
      key: 'a',
      voided: false,
      figures: {
        people: 20,
        blanks: 0,
        facility: 0.25,
        standardError: 0.1,
        meanSeconds: 9,
        pairs: 20,
        discrimination: -12,
        options: [],
        flags: [],
        ...figures,
      },
      ...over,
    }) as unknown as Question;
  const flag = (beyondChance: boolean) => ({ kind: 'key_negative', optionId: 'a', beyondChance }) as never;

  it('has a question where both figures are known, in percent', () => {
    expect(
      pointsOf([question({}), question({ discrimination: null }), question({ facility: null })]),
    ).toEqual([
      { questionId: 'q1', stem: 'Which?', people: 20, facility: 25, discrimination: -12, kind: 'fine' },
    ]);
  });

  it('tells what is flagged beyond chance, what may be by chance, and what is void whatever it shows', () => {
    const kinds = pointsOf([
      question({ flags: [flag(false)] }),
      question({ flags: [flag(false), flag(true)] }),
      question({ flags: [flag(true)] }, { voided: true }),
    ]).map(({ kind }) => kind);
    expect(kinds).toEqual(['doubtful', 'flagged', 'void']);
  });
});
