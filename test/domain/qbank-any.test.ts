import type { TestId } from '../../shared/domain/ids.ts';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../shared/domain/contribution.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import type { AnswerCommand } from '../../shared/domain/qbank-answer.ts';
import { bitmapWith } from '../../shared/domain/qbank-bitmap.ts';
import type { TestState } from '../../shared/domain/qbank-states.ts';
import { at, id } from './builders.ts';
import { LedgerStore } from './ledger-store.ts';
import { openedTest, questionVersion, testQuestion, wish } from './qbank-builders.ts';
import { QbankWorld, type Happened } from './qbank-world.ts';

const CLOSES: Record<string, number> = { timed: 180, other: 240, tutor: 300 };

/** Three tests that share questions; the first waits to be opened. */
function newTests(): TestState[] {
  const of = (testId: string, questions: readonly number[], over: Partial<TestState>): TestState =>
    openedTest({
      testId: id<TestId>(testId),
      questions: questions.map((ordinal) => testQuestion(`q${ordinal}`, ordinal)),
      closesAt: at(CLOSES[testId] ?? 0),
      ...over,
    });
  return [
    of('timed', [0, 1], { status: 'pending', startedAt: undefined }),
    of('other', [1, 2], {}),
    of('tutor', [0, 1, 2], { wish: wish({ mode: 'tutor' }) }),
  ];
}

type Command =
  | { what: 'answer'; testId: string; question: number; option: string; answerId: number }
  | { what: 'submit'; testId: string }
  | { what: 'expire' };

const testId = fc.constantFrom('timed', 'other', 'tutor');
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('answer' as const),
      testId,
      question: fc.nat(2),
      option: fc.constantFrom('a', 'b', 'c'),
      // Few, so that the same comes again, also late and from the other device.
      answerId: fc.nat(5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('submit' as const), testId }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('expire' as const) }) },
);

const script = fc.record({
  devices: fc.tuple(fc.array(command, { maxLength: 25 }), fc.array(command, { maxLength: 25 })),
  /** Which device goes on, and by how many seconds the clock does. */
  steps: fc.array(fc.tuple(fc.nat(1), fc.constantFrom(0, 0, 0, 5, 30)), { maxLength: 150 }),
});

/** An id stands for one choice, as a client has it. */
function answerOf({ question, option, answerId }: Extract<Command, { what: 'answer' }>): AnswerCommand {
  return {
    questionId: id(`q${question}`),
    optionId: id(option),
    answerId: id(`${option}${answerId}`),
    seconds: 5,
  };
}

const REFUSALS = ['test_closed', 'question_not_in_test', 'answer_revealed'];

function begin(world: QbankWorld, what: Command): Generator<undefined, unknown> {
  if (what.what === 'answer') return world.answer(what.testId, answerOf(what));
  return what.what === 'submit' ? world.submit(what.testId) : world.expire();
}

/** One step of a command; whether it is over. */
function advance(running: Generator<undefined, unknown>): boolean {
  try {
    return running.next().done === true;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(REFUSALS).toContain(error.code);
    return true;
  }
}

/** Plays the script, then lets every test end. `watch` is called after each step. */
function play(
  { devices, steps }: { devices: [Command[], Command[]]; steps: [number, number][] },
  watch: (world: QbankWorld) => void,
): QbankWorld {
  const world = new QbankWorld(newTests(), (questionId) => questionVersion(questionId));
  const left = devices.map((list) => [...list]);
  const running: (Generator<undefined, unknown> | undefined)[] = [undefined, undefined];
  const step = (device: number): void => {
    const next = running[device] === undefined ? left[device]?.shift() : undefined;
    if (next !== undefined) running[device] = begin(world, next);
    const current = running[device];
    if (current !== undefined && advance(current)) running[device] = undefined;
    watch(world);
  };
  for (const [device, seconds] of steps) {
    world.seconds += seconds;
    step(device);
  }
  for (const device of [0, 1]) while (running[device] !== undefined) step(device);
  world.seconds = 10 ** 6;
  for (const _pass of world.expire()) watch(world);
  return world;
}

interface Folded {
  chosen: string;
  ids: string[];
  first: boolean;
}

/** What the commands amount to in the order of their commits, told without any of the code that decides them. */
function fold(happened: readonly Happened[]) {
  const answers = new Map<string, Folded>();
  const metIn = new Map<string, string>();
  const shown = new Set<string>();
  const closed = new Set<string>();
  const results = new Map<string, Record<string, { chosen: string | null; first: boolean }>>();
  const questionsOf = new Map(
    newTests().map((each) => [
      each.testId as string,
      each.questions.map(({ questionId }) => questionId as string),
    ]),
  );
  for (const each of happened) {
    if (each.what === 'closed') closed.add(each.testId);
    else if (each.what === 'answered') {
      const { questionId, optionId, answerId } = each.command;
      const key = `${each.testId} ${questionId}`;
      const before = answers.get(key);
      expect(closed.has(each.testId)).toBe(false);
      if (before !== undefined) {
        expect(each.testId).not.toBe('tutor');
        expect(before.ids).not.toContain(answerId);
        expect(shown.has(questionId)).toBe(false);
      }
      if (!metIn.has(questionId)) metIn.set(questionId, each.testId);
      const first = before?.first ?? metIn.get(questionId) === each.testId;
      if (each.testId === 'tutor' && !first) shown.add(questionId);
      answers.set(key, { chosen: optionId, ids: [...(before?.ids ?? []), answerId], first });
    } else {
      const questions = questionsOf.get(each.testId) ?? [];
      expect(closed.has(each.testId)).toBe(true);
      expect(results.has(each.testId)).toBe(false);
      if (!questions.some((question) => answers.has(`${each.testId} ${question}`))) continue;
      results.set(
        each.testId,
        Object.fromEntries(
          questions.map((question) => {
            const answer = answers.get(`${each.testId} ${question}`);
            if (!metIn.has(question)) metIn.set(question, each.testId);
            const first = metIn.get(question) === each.testId;
            if (!first) shown.add(question);
            return [question, { chosen: answer?.chosen ?? null, first }];
          }),
        ),
      );
    }
  }
  return { answers, results };
}

describe('whatever two devices and the clock do to the tests of a student', () => {
  test('comes to what was committed, in that order, and every test ends', () => {
    fc.assert(
      fc.property(script, (given) => {
        const world = play(given, () => undefined);
        const { answers, results } = fold(world.happened);
        expect(
          new Map(
            [...world.answers.values()].map(({ testId: of, questionId, optionId, answerIds, first }) => [
              `${of} ${questionId}`,
              { chosen: optionId, ids: answerIds, first },
            ]),
          ),
        ).toEqual(answers);
        for (const [name, row] of world.tests) {
          const expected = results.get(name);
          expect(row.status).toBe(expected === undefined ? 'abandoned' : 'completed');
          expect((row.closedAt ?? '') <= row.closesAt).toBe(true);
          expect(row.closedBy === 'clock').toBe(row.closedAt === row.closesAt);
          if (expected === undefined) continue;
          const all = Object.values(expected);
          const right = all.filter(({ chosen }) => chosen === 'a').length;
          expect(row.score).toBeCloseTo((100 * right) / all.length, 1);
          expect(
            Object.fromEntries(
              row.results!.map(({ questionId, optionId, first }) => [
                questionId,
                { chosen: optionId, first },
              ]),
            ),
          ).toEqual(expected);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('nothing after the closing of a test changes its answers, and nothing after its end changes it', () => {
    fc.assert(
      fc.property(script, (given) => {
        const frozen = new Map<string, string>();
        play(given, (world) => {
          for (const [name, row] of world.tests) {
            const ended = row.status === 'completed' || row.status === 'abandoned';
            if (row.closedAt === undefined) continue;
            const now = JSON.stringify([world.answersOf(name), row.closedAt, row.closedBy]);
            expect(now).toBe(frozen.get(name) ?? now);
            frozen.set(name, now);
            if (!ended) continue;
            expect(JSON.stringify(row)).toBe(frozen.get(`${name} ended`) ?? JSON.stringify(row));
            frozen.set(`${name} ended`, JSON.stringify(row));
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  test('its statistics and record are a count of its tests, whatever is delivered twice or out of order', () => {
    const deliveries = script.chain((given) => {
      const { entries } = play(given, () => undefined);
      return fc.record({
        given: fc.constant(given),
        order: fc.shuffledSubarray([...entries.keys(), ...entries.keys()], { minLength: 2 * entries.length }),
      });
    });
    fc.assert(
      fc.property(deliveries, ({ given, order }) => {
        const world = play(given, () => undefined);
        const { answers, results } = fold(world.happened);
        const store = new LedgerStore();
        for (const index of order) store.apply([world.entries[index]!]);
        const totals = store.totals();

        const expected: Metrics = {};
        const add = (name: string, value = 1): void => {
          expected[name] = (expected[name] ?? 0) + value;
        };
        for (const [key, { chosen, first }] of answers) {
          const [, question = ''] = key.split(' ');
          add('all answers');
          if (!first) continue;
          add(`${question} answers`);
          add(`${question} ${chosen}`);
        }
        const firsts = [...results.values()].flatMap((all) => {
          const mine = Object.entries(all).filter(([, { first }]) => first);
          const answered = mine.filter(([, { chosen }]) => chosen !== null);
          for (const [question, { chosen }] of mine) if (chosen === null) add(`${question} blanks`);
          if (answered.length > 1) for (const [question] of answered) add(`${question} pairs`);
          return answered;
        });

        const seen: Metrics = {};
        const note = (name: string, value: number | undefined): void => {
          if (value !== undefined) seen[name] = value;
        };
        note('all answers', totals['course#c1|total']?.qbankAnswers);
        for (const question of ['q0', 'q1', 'q2']) {
          const metrics = totals[`bank#c1|question#${question}#000001`];
          for (const name of ['answers', 'blanks', 'pairs']) note(`${question} ${name}`, metrics?.[name]);
          for (const option of ['a', 'b', 'c']) note(`${question} ${option}`, metrics?.[`option.${option}`]);
        }
        expect(seen).toEqual(expected);
        expect(totals['course#c1|total']?.qbankTests ?? 0).toBe(results.size);

        const right = firsts.filter(([, { chosen }]) => chosen === 'a').length;
        const met = [...results.values()].flatMap((all) =>
          Object.keys(all).map((question) => Number(question[1])),
        );
        expect(world.record?.tests ?? 0).toBe(results.size);
        expect([world.record?.firstAnswers ?? 0, world.record?.firstRight ?? 0]).toEqual([
          firsts.length,
          right,
        ]);
        expect(world.record?.seen ?? '').toBe(bitmapWith(met));
        const peers = Object.values(totals['course#c1|qbank-peers'] ?? {});
        expect(peers).toEqual(firsts.length > 0 ? [1] : []);
      }),
      { numRuns: 150 },
    );
  });
});
