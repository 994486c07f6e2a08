/** An access token and when it ends, in milliseconds since 1970. */
export interface Token {
  readonly accessToken: string;
  readonly expiresAt: number;
}

/** A token is asked for anew this long before it ends, or at four fifths of its life where that is short. */
const EARLY_MS = 60_000;

/** Who asked has waited long enough by then, and the next one asks anew. */
const PATIENCE_MS = 10_000;

/**
 * Gives the token in force and asks for another in time, once however many ask at a time. What is connected stays so:
 * a client asks for the token whenever it needs one. A token that the server refused is not given again. A failure is told
 * to those who asked, and the next one tries again; so is that no token came in time. One that comes later counts.
 */
export function tokenSource(
  ask: () => Promise<Token>,
  now: () => number = Date.now,
): (refused?: string) => Promise<string> {
  let known: (Token & { readonly goodUntil: number }) | undefined;
  let asking: Promise<Token> | undefined;

  async function renew(): Promise<Token> {
    const token = await ask();
    const left = token.expiresAt - now();
    known = { ...token, goodUntil: token.expiresAt - Math.min(EARLY_MS, left / 5) };
    return token;
  }

  async function renewInTime(): Promise<Token> {
    let patience: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      patience = setTimeout(() => reject(new Error('no token in time')), PATIENCE_MS);
    });
    try {
      return await Promise.race([renew(), late]);
    } finally {
      clearTimeout(patience);
      asking = undefined;
    }
  }

  return async (refused) => {
    if (known !== undefined && known.accessToken !== refused && now() < known.goodUntil)
      return known.accessToken;
    asking ??= renewInTime();
    return (await asking).accessToken;
  };
}
