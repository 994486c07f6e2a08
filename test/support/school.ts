import { afterAll, beforeAll, describe, inject } from 'vitest';
import { schoolOf, type School } from '../../commands/school.ts';
import { startStack, type Stack, type StackOptions } from '../../infra/local/stack.ts';
import { createApiClient, type ApiClient } from '../../shared/client/api.ts';
import { holdToContract } from './contract.ts';
import { testEngine } from './engines.ts';

/** A running school for tests, with clients of its API. */
export interface TestSchool extends School {
  readonly stack: Stack;
  student(userId: string): Promise<ApiClient>;
  admin(): Promise<ApiClient>;
}

/**
 * Starts a school of its own. The caller stops it. A reply that the API's description does not tell of fails the call,
 * and stopping the school.
 */
export async function startSchool(options: Omit<StackOptions, 'assembly'> = {}): Promise<TestSchool> {
  const started = await startStack({ assembly: inject('assembly'), engine: testEngine, ...options });
  const held = holdToContract(started.url);
  const stack: Stack = { ...started, stop: () => started.stop().finally(() => held.release()) };
  const school = schoolOf(stack);
  const client = async (userId: string, groups: string[]) =>
    createApiClient({ url: stack.url, token: await school.token(userId, groups) });
  return {
    ...school,
    stack,
    student: (userId) => client(userId, ['student']),
    admin: () => client('the-admin', ['admin']),
  };
}

/** Gives the tests of a file one school, started before them and stopped after them. */
export function useSchool(options: Omit<StackOptions, 'assembly'> = {}): () => TestSchool {
  let school: TestSchool | undefined;
  beforeAll(async () => {
    school = await startSchool(options);
  });
  afterAll(async () => {
    await school?.stack.stop();
  });
  return () => {
    if (school === undefined) throw new Error('The school has not started');
    return school;
  };
}

/** Describes what goes on in one school, which the tests share. */
export function describeSchool(
  title: string,
  tests: (school: () => TestSchool) => void,
  options: Omit<StackOptions, 'assembly'> = {},
): void {
  describe(title, () => tests(useSchool(options)));
}
