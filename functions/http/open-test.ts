import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { TestView } from '../../shared/contracts/qbank.ts';
import { testView } from '../../shared/contracts/test-view.ts';
import { openTest as decide } from '../../shared/domain/qbank-test.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { existingTest, testOf, testPut, testRows } from '../../shared/store/qbank-tests.ts';
import { readRows } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';
import { commit } from '../../shared/store/transact.ts';

export const usedTables = ['qbankTests', 'qbankPapers'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Opens a test: its clock starts. Again changes nothing.
 *
 * Requests: BatchGet of test and paper; Put of the test, unless it is open.
 */
export function openTest({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId, testId },
    cause,
    now,
  }: Call<(typeof operations)['open-test']>): Promise<TestView> =>
    settle(async () => {
      const rows = await readRows(documents, testRows(tables, { userId, courseId, testId }));
      const test = existingTest(testOf(...rows), testId);
      const opened = decide(test, now.toISOString(), cause);
      if (opened !== undefined) await commit(documents, [testPut(tables, test, opened)]);
      return testView(opened ?? test);
    });
}
