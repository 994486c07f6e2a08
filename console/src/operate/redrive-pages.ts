import type { Reply } from '../../../shared/client/api.ts';
import type { Outcome } from './settle-each.ts';

/**
 * Redrives page by page: those that stay are behind the cursor, and are not tried twice. What became of those before is
 * told also where a later page fails, as they are settled all the same.
 */
export async function redrivePages(
  redrive: (cursor: string | undefined) => Promise<Reply<'redrive-failures'>>,
  settled: (outcomes: readonly Outcome[]) => void,
): Promise<void> {
  const found: Outcome[] = [];
  let cursor: string | undefined;
  try {
    do {
      const { redriven, left, cursor: next } = await redrive(cursor);
      found.push(...redriven.map(({ failureId }) => ({ failureId, done: 'redriven' as const })));
      found.push(...left.map(({ failureId, because }) => ({ failureId, problem: because })));
      cursor = next;
    } while (cursor !== undefined);
  } finally {
    settled(found);
  }
}
