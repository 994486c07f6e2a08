import { expect } from 'vitest';
import { aggregateMismatches } from '../../commands/consistency/aggregates.ts';
import { bankMismatches } from '../../commands/consistency/naive-bank.ts';
import { progressMismatches } from '../../commands/consistency/naive-progress.ts';
import { testMismatches } from '../../commands/consistency/naive-tests.ts';
import { readTables } from '../../commands/consistency/read-tables.ts';
import type { School } from '../../commands/school.ts';

/** Waits for quiet streams, then asserts that every row of the school is in step with its sources. */
export async function expectInStep(school: School): Promise<void> {
  await school.quiet();
  const tables = await readTables(school.documents, (name) => name);
  expect(progressMismatches(tables)).toEqual([]);
  expect(aggregateMismatches(tables).wrong).toEqual([]);
  expect(bankMismatches(tables)).toEqual([]);
  expect(testMismatches(tables)).toEqual([]);
}
