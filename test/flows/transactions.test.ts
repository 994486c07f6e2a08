import { afterAll, beforeAll, describe, it } from 'vitest';
import { openLab, type Lab } from '../../commands/matrix/lab.ts';
import { proveTransaction } from '../../commands/matrix/prove-transaction.ts';
import { TRANSACTIONS } from '../../commands/matrix/transactions.ts';
import { useSchool } from '../support/school.ts';

describe('Whatever fails of an operation that writes several rows, all is there or nothing, and a retry does it once', () => {
  const school = useSchool({ maxConcurrency: 4 });
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab(school(), 60_000, 'transactions', school().stack.pollers);
  });
  afterAll(() => lab.close());

  // Most of their time they wait for a database that refuses to recover.
  it.concurrent.each(Object.entries(TRANSACTIONS))(
    '%s',
    async (_, operation) => {
      const proofs = await proveTransaction(lab, school().stack, operation, { everyFault: true });
      const broken = Object.values(proofs).filter(({ ok }) => !ok);
      if (broken.length > 0) throw new Error(broken.map(({ why }) => why).join('\n'));
    },
    600_000,
  );
});
