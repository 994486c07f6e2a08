import type { School } from '../school.ts';
import { aggregateMismatches } from './aggregates.ts';
import { bankMismatches } from './naive-bank.ts';
import { progressMismatches } from './naive-progress.ts';
import { testMismatches } from './naive-tests.ts';
import { readTables } from './read-tables.ts';

/** How much of a school at rest was compared with its sources, and how much of it was out of step. */
export interface Consistency {
  readonly enrollments: number;
  readonly progressMismatches: number;
  readonly aggregates: number;
  readonly aggregateMismatches: number;
  /** Tests of the question bank. */
  readonly tests: number;
  readonly testMismatches: number;
}

/** Compares every derived row of a school with a naive recomputation, and names on the screen what differs. */
export async function checkConsistency(school: School): Promise<Consistency> {
  const tables = await readTables(school.documents, (name) => name);
  const progress = progressMismatches(tables);
  const { aggregates, wrong } = aggregateMismatches(tables);
  const bank = bankMismatches(tables);
  const tests = testMismatches(tables);
  complain(progress, (learner) => `The progress of ${learner} is out of step`);
  complain(wrong, (aggregate) => `The aggregate ${aggregate} is not the sum of its ledger`);
  complain(bank, (aggregate) => `The aggregate ${aggregate} is not what answers and tests amount to`);
  complain(tests, (row) => `In the question bank, ${row} is out of step`);
  return {
    enrollments: tables.enrollments.length,
    progressMismatches: progress.length,
    aggregates,
    aggregateMismatches: new Set([...wrong, ...bank]).size,
    tests: tables.tests.length,
    testMismatches: tests.length,
  };
}

/** As many as a screen takes. */
function complain(wrong: readonly string[], text: (of: string) => string): void {
  for (const each of wrong.slice(0, 10)) console.error(text(each));
}
