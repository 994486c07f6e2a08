import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { Checkout } from './checkout.ts';

const Kept = z.object({
  checkouts: z.array(Checkout),
  /** The requests that were answered, by Idempotency-Key. */
  answered: z.record(z.string(), z.object({ request: z.string(), checkoutId: z.string() })),
});
type Kept = z.infer<typeof Kept>;

/** The provider's checkouts; in a file they outlast the school, as at a provider. */
export interface CheckoutStore {
  get(checkoutId: string): Checkout | undefined;
  put(checkout: Checkout): void;
  answered(idempotencyKey: string): Kept['answered'][string] | undefined;
  answer(idempotencyKey: string, answered: Kept['answered'][string]): void;
}

export function openCheckoutStore(file: string | undefined): CheckoutStore {
  const kept = read(file);
  const checkouts = new Map(kept.checkouts.map((checkout) => [checkout.checkoutId, checkout]));
  const answers = new Map(Object.entries(kept.answered));

  function save(): void {
    if (file === undefined) return;
    mkdirSync(path.dirname(file), { recursive: true });
    const now: Kept = { checkouts: [...checkouts.values()], answered: Object.fromEntries(answers) };
    // Killed in the middle of writing, the file of before is left.
    writeFileSync(`${file}.new`, JSON.stringify(now));
    renameSync(`${file}.new`, file);
  }

  return {
    get: (checkoutId) => checkouts.get(checkoutId),
    put(checkout) {
      checkouts.set(checkout.checkoutId, checkout);
      save();
    },
    answered: (key) => answers.get(key),
    answer(key, answered) {
      answers.set(key, answered);
      save();
    },
  };
}

function read(file: string | undefined): Kept {
  if (file === undefined) return { checkouts: [], answered: {} };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { checkouts: [], answered: {} };
  }
  return Kept.parse(JSON.parse(text));
}
