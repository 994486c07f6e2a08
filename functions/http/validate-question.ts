import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { AdminQuestion } from '../../shared/contracts/qbank.ts';
import { adminQuestion } from '../../shared/contracts/question-view.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { setVoid } from '../../shared/store/question-commands.ts';

export const usedTables = ['qbankQuestions', 'jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Takes back that a version of a question is void.
 *
 * Requests: Get of the question and of what it asks; TransactWrite of the question and of the job that goes over what
 * was answered.
 */
export function validateQuestion({ documents, tables }: Dependencies) {
  return async ({
    caller,
    params,
    cause,
    now,
  }: Call<(typeof operations)['validate-question']>): Promise<AdminQuestion> => {
    const given = { ...params, reason: undefined, by: caller.userId, now: now.toISOString(), cause };
    const { question, asks } = await setVoid(documents, tables, given);
    return adminQuestion(question, asks);
  };
}
