import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab, type Lab } from '../../commands/matrix/lab.ts';
import type { Proof } from '../../commands/matrix/proof.ts';
import { proveTransaction } from '../../commands/matrix/prove-transaction.ts';
import { TRANSACTIONS } from '../../commands/matrix/transactions.ts';
import { useSchool } from '../support/school.ts';

describe('Whatever fails of an operation that writes several rows, all is there or nothing, and a retry does it once', () => {
  const school = useSchool({ maxConcurrency: 6 });
  let lab: Lab;
  let proofs: ReadonlyMap<string, Promise<Readonly<Record<string, Proof>>>>;
  beforeAll(async () => {
    lab = await openLab(school(), 30_000, 'transactions');
    // All begin together: most of their time they wait for a database that refuses to recover.
    proofs = new Map(
      Object.entries(TRANSACTIONS).map(([name, operation]) => [
        name,
        proveTransaction(lab, school().stack, operation, { everyFault: true }),
      ]),
    );
  });
  afterAll(() => lab.close());

  it.each(Object.keys(TRANSACTIONS))('%s', async (name) => {
    const found = Object.entries((await proofs.get(name)) ?? {});
    expect(found.map(([column, { ok, why }]) => (ok ? column : `${column}: ${why}`))).toEqual([
      'Transaction',
      'Atomic',
      'Status',
    ]);
  });
});
