import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import * as z from 'zod';
import { MOST_QUESTIONS_OF_A_TEST } from '../../shared/domain/qbank-test.ts';

/** Answers to the questions of a test, and who gave them. */
export interface PatternTable {
  /** Of the file, without its ending; the id of the course. */
  readonly name: string;
  /** How many questions everybody was asked. */
  readonly questions: number;
  /** For each person, whether the answer to each question was right. */
  readonly people: readonly (readonly boolean[])[];
}

const Line = z
  .record(z.string(), z.string().regex(/^\d+$/, 'is no whole number'))
  .transform(({ count = '', ...answers }) => ({ count: Number(count), answers: Object.values(answers) }))
  .refine(({ answers }) => answers.every((answer) => answer === '0' || answer === '1'), {
    message: 'answers are 1 (right) or 0 (wrong)',
  });

/** So many people that their clients still fit a machine. */
const MOST_PEOPLE = 100_000;

function wanted(header: readonly string[]): string[] {
  return [...Array.from({ length: header.length - 1 }, (_, index) => `q${index + 1}`), 'count'];
}

/**
 * Reads a table of answer patterns: columns q1, q2, ... with 1 for right and 0 for wrong, and `count`, the number of
 * people who answered so. Throws, saying what is wrong, when it is none.
 */
export async function readPatterns(file: string): Promise<PatternTable> {
  const refuse = (why: string, cause?: unknown) =>
    new Error(`${file} is no table of answer patterns: ${why}`, { cause });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw refuse('it cannot be read', error);
  }
  const [header = [], ...rows] = table(text, refuse);
  const questions = header.length - 1;
  if (questions < 1 || header.join() !== wanted(header).join()) {
    throw refuse(`its columns must be q1, q2, ... and count, not ${header.join(', ')}`);
  }
  if (questions > MOST_QUESTIONS_OF_A_TEST) {
    throw refuse(`a test has at most ${MOST_QUESTIONS_OF_A_TEST} questions`);
  }
  const lines = z
    .array(Line)
    .safeParse(rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]]))));
  if (!lines.success) throw refuse(z.prettifyError(lines.error));
  const people = lines.data.reduce((sum, { count }) => sum + count, 0);
  if (people < 1 || people > MOST_PEOPLE) throw refuse(`it must have 1 to ${MOST_PEOPLE} people`);
  return {
    name: nameOf(file),
    questions,
    people: lines.data.flatMap(({ count, answers }) =>
      Array.from({ length: count }, () => answers.map((answer) => answer === '1')),
    ),
  };
}

/** An id, short enough for those of the people to begin with it. */
function nameOf(file: string): string {
  const words = path.basename(file, path.extname(file)).match(/[A-Za-z0-9]+/g) ?? ['patterns'];
  return words.join('-').slice(0, 40);
}

function table(text: string, refuse: (why: string, cause: unknown) => Error): string[][] {
  try {
    return z.array(z.array(z.string())).parse(parse(text, { skip_empty_lines: true, trim: true }));
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error);
  }
}
