import { ApiError } from '../../shared/client/api.ts';

/** What went wrong, in a sentence. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.problem.title;
  return error instanceof Error ? error.message : String(error);
}
