import * as z from 'zod';
import type { Identity, Role } from './session.ts';
import { type Token, tokenSource } from './token.ts';
import { fetchSchool } from './unreachable.ts';

const Issued = z.object({ accessToken: z.string(), expiresAt: z.iso.datetime() });

/** Anybody, in one group, by the issuer of this machine at `url`. */
export function localIdentity(url: string, role: Role, userId: string): Identity {
  return { role, userId, token: tokenSource(() => ask(url, role, userId)) };
}

async function ask(url: string, role: Role, userId: string): Promise<Token> {
  const response = await fetchSchool(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId, groups: [role], use: 'access' }),
  });
  if (!response.ok) throw new Error(`The issuer answered ${response.status}`);
  const { accessToken, expiresAt } = Issued.parse(await response.json());
  return { accessToken, expiresAt: Date.parse(expiresAt) };
}
