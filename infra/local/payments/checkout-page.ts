import type { Reply } from '../http/reply.ts';
import { type Action, ACTIONS, type Checkout, mayDo } from './checkout.ts';

const WORDS: Readonly<Record<Action, string>> = {
  complete: 'Pay',
  fail: 'Let the payment fail',
  expire: 'Let the checkout expire',
  refund: 'Refund',
};

const STATES: Readonly<Record<Checkout['state'], string>> = {
  open: 'Waits for the payment',
  paid: 'Paid',
  failed: 'The payment failed',
  expired: 'The checkout expired',
  refunded: 'The money was given back',
};

/** The page on which a person pays, or does not. It asks for nothing but a press of a button. */
export function checkoutPage(checkout: Checkout): Reply {
  const buttons = ACTIONS.filter(
    (action) => mayDo(checkout, action) && checkout.told[action] === undefined,
  ).map(
    (action) =>
      `<form method="post" action="/local/payments/${escaped(checkout.checkoutId)}/${action}"><button class="${action}">${WORDS[action]}</button></form>`,
  );
  const [back, label] =
    checkout.state === 'paid' ? [checkout.successUrl, 'Continue'] : [checkout.cancelUrl, 'Back'];
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Checkout: ${escaped(checkout.title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto; padding: 0 1rem; color: #1d2433 }
  h1 { font-size: 1.25rem; margin: 0 }
  .sum { font-size: 2rem; margin: .25rem 0 }
  .note { color: #5b6478; font-size: .875rem }
  form { margin: .5rem 0 }
  button { font: inherit; width: 100%; padding: .6rem; border: 1px solid #c5cbd8; border-radius: .4rem; background: #fff; cursor: pointer }
  button.complete { background: #2f5bd7; border-color: #2f5bd7; color: #fff }
</style>
<h1>${escaped(checkout.title)}</h1>
<p class="sum">${escaped(sumOf(checkout))}</p>
<p>${STATES[checkout.state]}</p>
${buttons.join('\n')}
<p><a href="${escaped(back)}">${label}</a></p>
<p class="note">The payment provider of this machine: no money moves.</p>
</html>
`;
  return {
    status: 200,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'no-store'],
      ['content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"],
    ],
    body: Buffer.from(html),
  };
}

/** Counted by Stripe in hundredths, though they have none. */
const WITHOUT_HUNDREDTHS = ['isk', 'ugx'];

function sumOf({ amount, currency }: Checkout): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = WITHOUT_HUNDREDTHS.includes(currency) ? 2 : format.resolvedOptions().maximumFractionDigits;
  return format.format(amount / 10 ** (digits ?? 2));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
