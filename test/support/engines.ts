import { it } from 'vitest';
import * as z from 'zod';
import { javaAvailable } from '../../infra/local/dynamodb/dynamodb-local.ts';
import { findDynoxide } from '../../infra/local/dynamodb/dynoxide.ts';

/** The engines every contract is checked on, and why one cannot run here. */
export const ENGINES = [
  { kind: 'dynoxide', missing: findDynoxide() === undefined, note: '' },
  {
    kind: 'dynamodb-local',
    missing: !javaAvailable(),
    note: javaAvailable() ? '' : ' (skipped: no Java 17 on the PATH)',
  },
] as const;

const chosen = z.enum(['dynoxide', 'dynamodb-local']).optional().parse(process.env.LOCKSTEP_TEST_ENGINE);

/** What tests run on that need one engine; `npm run test:dynamodb-local` chooses the other. */
export const testEngine = chosen ?? 'dynoxide';

/** A test of what requests cost: on dynoxide only, as DynamoDB Local bills a transactional write twice over. */
export function itIsMetered(title: string, test: () => Promise<void>, timeoutMs?: number): void {
  const metered = testEngine === 'dynoxide';
  it.skipIf(!metered)(
    metered ? title : `${title} (skipped: DynamoDB Local does not meter as AWS does)`,
    test,
    timeoutMs,
  );
}
