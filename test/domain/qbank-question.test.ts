import { describe, expect, test } from 'vitest';
import type { OptionId, QuestionId, TopicId, UserId } from '../../shared/domain/ids.ts';
import { importQuestions } from '../../shared/domain/qbank-import.ts';
import {
  BANK_PART,
  isVoided,
  MOST_QUESTIONS_OF_A_BANK,
  putQuestion,
  voidQuestion,
  type QuestionChange,
} from '../../shared/domain/qbank-question.ts';
import type { BankState } from '../../shared/domain/qbank-states.ts';
import { at, cause, id, refusal, stamp } from './builders.ts';
import { bankQuestion, questionVersion } from './qbank-builders.ts';

const bank: BankState = { courseId: id('c1'), part: BANK_PART, questions: 7, ...stamp };

/** What the builders' question says. */
function change(over: Partial<QuestionChange> = {}): QuestionChange {
  const { stem, options, key, explanation } = questionVersion('q1');
  return { topic: id('heart'), difficulty: 'medium', stem, options, key, explanation, ...over };
}

function put(given: Partial<Parameters<typeof putQuestion>[0]> = {}) {
  return putQuestion({
    questionId: id('q1'),
    courseId: id('c1'),
    bank,
    question: bankQuestion('q1', { ordinal: 3, version: 5 }),
    version: questionVersion('q1'),
    change: change(),
    now: at(60),
    cause,
    ...given,
  });
}

describe('putting a question', () => {
  test('creates it as version 1 with the next ordinal of its bank', () => {
    expect(put({ question: undefined, version: undefined })).toMatchObject({
      bank: { questions: 8, version: 2 },
      question: { ordinal: 7, questionVersion: 1, voids: {}, version: 1 },
      version: { part: 'version#q1#000001', questionVersion: 1, key: 'a', version: 1 },
    });
  });

  test('gives the first question of a bank ordinal 0', () => {
    const made = put({ bank: undefined, question: undefined, version: undefined });
    expect(made).toMatchObject({ bank: { questions: 1, version: 1 }, question: { ordinal: 0 } });
  });

  test.each<[string, Partial<QuestionChange>]>([
    ['stem', { stem: 'Why?' }],
    ['key', { key: id<OptionId>('b') }],
    ['explanation', { explanation: 'Therefore.' }],
    ['option', { options: [...change().options, { optionId: id<OptionId>('d'), text: 'd' }] }],
  ])('makes a new version of another %s, at the same ordinal', (_rule, over) => {
    const made = put({ change: change(over) });
    expect(made).toMatchObject({
      question: { ordinal: 3, questionVersion: 2, version: 6 },
      version: { part: 'version#q1#000002', ...over },
    });
    expect(made.bank).toBeUndefined();
  });

  test('files a question elsewhere without a new version of it', () => {
    const made = put({ change: change({ topic: id<TopicId>('lung'), difficulty: 'hard' }) });
    expect(made.question).toMatchObject({
      topic: 'lung',
      difficulty: 'hard',
      questionVersion: 1,
      version: 6,
    });
    expect(made.version).toBeUndefined();
  });

  test('keeps the voids of older versions', () => {
    const voids = { 1: { reason: 'wrong key', voidedBy: id<UserId>('admin'), voidedAt: at(1) } };
    const question = bankQuestion('q1', { voids });
    expect(put({ question, change: change({ key: id<OptionId>('b') }) }).question?.voids).toEqual(voids);
  });

  test('changes nothing with the same again, whatever version is named', () => {
    expect(put({ change: change({ ifVersion: 1 }) })).toEqual({});
  });

  test.each<[string, Partial<Parameters<typeof putQuestion>[0]>, string, object]>([
    [
      'a key that is no option',
      { change: change({ key: id<OptionId>('z') }) },
      'question_invalid',
      { field: 'key' },
    ],
    [
      'two options of one id',
      { change: change({ options: [...change().options, ...change().options.slice(0, 1)] }) },
      'question_invalid',
      { field: 'options.3.optionId' },
    ],
    [
      'a single option',
      { change: change({ options: change().options.slice(0, 1) }) },
      'question_invalid',
      { field: 'options' },
    ],
    [
      'a change of what has changed since',
      { change: change({ stem: 'Why?', ifVersion: 4 }) },
      'version_conflict',
      { version: 5 },
    ],
    [
      'one more than a bank holds',
      { question: undefined, bank: { ...bank, questions: MOST_QUESTIONS_OF_A_BANK } },
      'bank_full',
      { most: MOST_QUESTIONS_OF_A_BANK },
    ],
  ])('refuses %s', (_rule, given, code, details) => {
    expect(refusal(() => put(given))).toEqual({ code, details });
  });
});

describe('voiding a version of a question', () => {
  const question = bankQuestion('q1', { questionVersion: 2, version: 5 });
  const decide = (given: Partial<Parameters<typeof voidQuestion>[0]>) =>
    voidQuestion({
      question,
      questionVersion: 1,
      reason: 'wrong key',
      by: id('admin'),
      now: at(9),
      cause,
      ...given,
    });

  test('says of that version, and of no other, why it counts no more, and can be taken back', () => {
    const voided = decide({});
    expect(voided).toMatchObject({
      version: 6,
      voids: { 1: { reason: 'wrong key', voidedBy: 'admin', voidedAt: at(9) } },
    });
    expect([1, 2].map((version) => isVoided(voided ?? question, version))).toEqual([true, false]);
    expect(decide({ question: voided, reason: undefined })).toMatchObject({ version: 7, voids: {} });
  });

  test('changes nothing where it is so already', () => {
    expect(decide({ question: decide({}) })).toBeUndefined();
    expect(decide({ reason: undefined })).toBeUndefined();
  });

  test.each([0, 3])('is refused of a version %d that there is not', (version) => {
    expect(refusal(() => decide({ questionVersion: version })).code).toBe('question_unknown');
  });
});

describe('importing questions', () => {
  const entry = (questionId: string, over: Partial<QuestionChange> = {}) => ({
    questionId: id<QuestionId>(questionId),
    ...change(over),
  });
  const known = new Map([
    [
      id<QuestionId>('old'),
      { question: bankQuestion('old'), version: questionVersion('old', { stem: 'q1?' }) },
    ],
  ]);
  const load = (changes: ReturnType<typeof entry>[], of: typeof known | undefined = known) =>
    importQuestions({ courseId: id('c1'), bank, known: of, changes, now: at(60), cause });

  test('reports of each what became of it, and why not: one that is refused holds up no other', () => {
    const {
      report,
      decisions,
      bank: after,
    } = load([
      entry('new'),
      entry('bad', { key: id<OptionId>('z') }),
      entry('old'),
      entry('new', { stem: 'Why?' }),
      entry('other'),
    ]);
    expect(report).toMatchObject([
      { questionId: 'new', outcome: 'created', questionVersion: 1 },
      { questionId: 'bad', outcome: 'refused', code: 'question_invalid', details: { field: 'key' } },
      { questionId: 'old', outcome: 'unchanged', questionVersion: 1 },
      { questionId: 'new', outcome: 'refused', code: 'question_conflict' },
      { questionId: 'other', outcome: 'created', questionVersion: 1 },
    ]);
    expect(decisions.map(({ question }) => question?.ordinal)).toEqual([7, 8]);
    expect(after?.questions).toBe(9);
  });

  test('revises what says something else now', () => {
    expect(load([entry('old', { stem: 'Why?' })]).report).toEqual([
      { questionId: 'old', outcome: 'revised', questionVersion: 2 },
    ]);
  });

  test('has its effect once', () => {
    const { decisions } = load([entry('new'), entry('other')]);
    const there = new Map(
      decisions.flatMap(({ question, version }) =>
        question === undefined || version === undefined
          ? []
          : [[question.questionId, { question, version }] as const],
      ),
    );
    const again = load([entry('new'), entry('other')], there);
    expect(again.report.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect(again.decisions).toEqual([]);
    expect(again.bank).toBe(bank);
  });
});
