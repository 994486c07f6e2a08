import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { TestView } from '../../shared/contracts/qbank.ts';
import { testView } from '../../shared/contracts/test-view.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { ENDING_TABLES, endTest } from '../../shared/store/qbank-tests.ts';

export const usedTables = ENDING_TABLES;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/** Hands in a test. Requests: those of `endTest`. */
export function submitTest({ documents, tables }: Dependencies) {
  return async ({
    caller: { userId },
    params: { courseId, testId },
    cause,
    now,
  }: Call<(typeof operations)['submit-test']>): Promise<TestView> =>
    testView(
      await endTest(
        documents,
        tables,
        { userId, courseId, testId },
        { by: 'student', now: now.toISOString(), cause },
      ),
    );
}
