import { setTimeout as sleep } from 'node:timers/promises';

/** How the last try to deliver an event ended. */
export interface Delivered {
  readonly attempts: number;
  /** Of the school's reply; 0 where none came. */
  readonly status: number;
  readonly ok: boolean;
  readonly reply: string;
}

/** Stripe goes on for days; here nobody waits so long. */
const WAITS_MS = [200, 500, 1_000];
const TIMEOUT_MS = 20_000;

/** Posts an event until the school takes it, signed anew for each try. Resolves also when it never does. */
export async function deliverEvent(webhookUrl: string, body: string, sign: () => string): Promise<Delivered> {
  for (let attempts = 1; ; attempts += 1) {
    const last = await post(webhookUrl, body, sign());
    const wait = WAITS_MS[attempts - 1];
    if (last.ok || wait === undefined) return { attempts, ...last };
    await sleep(wait);
  }
}

async function post(url: string, body: string, signature: string): Promise<Omit<Delivered, 'attempts'>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, ok: response.ok, reply: await response.text() };
  } catch (error) {
    return { status: 0, ok: false, reply: String(error) };
  }
}
