import type { LedgerEntry } from '../../shared/domain/contribution.ts';
import { answerQuestion, type AnswerCommand } from '../../shared/domain/qbank-answer.ts';
import { qbankEntriesOf } from '../../shared/domain/qbank-contribution.ts';
import { finishTest } from '../../shared/domain/qbank-finish.ts';
import type {
  AnswerState,
  MetState,
  QbankRecordState,
  QuestionVersionState,
  TestState,
} from '../../shared/domain/qbank-states.ts';
import { closeTest, isClosed, isOver } from '../../shared/domain/qbank-test.ts';
import { at, cause } from './builders.ts';

/** What was carried out, in the order in which it was committed. */
export type Happened =
  | { readonly what: 'answered'; readonly testId: string; readonly command: AnswerCommand }
  | { readonly what: 'closed' | 'finished'; readonly testId: string };

type Row = TestState | AnswerState | MetState | QbankRecordState;
/** A row to write, or `undefined` for one that must only be what was read. */
type Writes = ReadonlyMap<string, Row | undefined>;

/**
 * The rows of one student as a database holds them: a transaction is refused where a row it names is not as it was
 * read. Commands are generators that stop between reading and writing, so that others get in between.
 */
export class QbankWorld {
  readonly tests = new Map<string, TestState>();
  readonly answers = new Map<string, AnswerState>();
  readonly mets = new Map<string, MetState>();
  record: QbankRecordState | undefined;
  readonly happened: Happened[] = [];
  /** Of every image of every row, as the streams tell them. */
  readonly entries: LedgerEntry[] = [];
  seconds = 0;
  private readonly versions = new Map<string, number>();

  constructor(
    tests: readonly TestState[],
    readonly asked: (questionId: string) => QuestionVersionState,
  ) {
    for (const test of tests) this.put(`test ${test.testId}`, test);
  }

  answersOf(testId: string): AnswerState[] {
    return [...this.answers.values()].filter((answer) => answer.testId === testId);
  }

  private put(key: string, row: Row): void {
    this.versions.set(key, row.version);
    if ('wish' in row) {
      this.tests.set(row.testId, row);
      this.entries.push(...qbankEntriesOf('qbankTests', row));
    } else if ('optionId' in row) {
      this.answers.set(key, row);
      this.entries.push(...qbankEntriesOf('qbankQuestionAttempts', row));
    } else if ('versions' in row) this.mets.set(row.questionId, row);
    else {
      this.record = row;
      this.entries.push(...qbankEntriesOf('qbankRecords', row));
    }
  }

  private read(): ReadonlyMap<string, number> {
    return new Map(this.versions);
  }

  private commit(read: ReadonlyMap<string, number>, writes: Writes, happened: Happened): boolean {
    for (const key of writes.keys()) if (read.get(key) !== this.versions.get(key)) return false;
    for (const [key, row] of writes) if (row !== undefined) this.put(key, row);
    this.happened.push(happened);
    return true;
  }

  /** Ends with the answer in force; throws as `answerQuestion`. */
  *answer(testId: string, command: AnswerCommand): Generator<undefined, AnswerState> {
    for (;;) {
      const read = this.read();
      const key = `answer ${testId} ${command.questionId}`;
      const decision = answerQuestion({
        test: this.tests.get(testId),
        version: this.asked(command.questionId),
        voided: false,
        answer: this.answers.get(key),
        met: this.mets.get(command.questionId),
        command,
        now: at(this.seconds),
        cause,
      });
      if (decision.answer === undefined) return decision.standing;
      yield;
      const writes = new Map<string, Row | undefined>([
        [`test ${testId}`, decision.test],
        [key, decision.answer],
        [`met ${command.questionId}`, decision.met],
      ]);
      if (this.commit(read, writes, { what: 'answered', testId, command })) return decision.standing;
    }
  }

  /** Closes and finishes a test, or finishes one that somebody left closed. */
  *submit(testId: string): Generator<undefined, undefined> {
    for (;;) {
      const read = this.read();
      const test = closeTest(this.tests.get(testId), at(this.seconds), cause);
      if (test === this.tests.get(testId)) break;
      yield;
      if (this.commit(read, new Map([[`test ${testId}`, test]]), { what: 'closed', testId })) break;
    }
    yield;
    for (;;) {
      const read = this.read();
      const test = this.tests.get(testId);
      if (test === undefined || !isClosed(test)) throw new Error('a closed test was opened');
      const finished = finishTest({
        test,
        answers: this.answersOf(testId),
        mets: [...this.mets.values()],
        record: this.record,
        voided: () => false,
        now: at(this.seconds),
        cause,
      });
      if (finished === undefined) return;
      yield;
      // The answers are not held: since the closing nobody can have changed them.
      const writes = new Map<string, Row | undefined>([[`test ${testId}`, finished.test]]);
      if (finished.record !== undefined) writes.set('record', finished.record);
      for (const met of finished.mets) writes.set(`met ${met.questionId}`, met);
      if (this.commit(read, writes, { what: 'finished', testId })) return;
    }
  }

  /** What the schedule does: ends every test whose time is up. */
  *expire(): Generator<undefined, undefined> {
    for (const [testId, test] of this.tests) {
      if (isOver(test, at(this.seconds))) yield* this.submit(testId);
    }
  }
}
