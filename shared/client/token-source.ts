/**
 * An access token, or how to get one: asked for each call, connection and subscription, so it should keep the token
 * until shortly before it expires. What the server would not take is told: then only another one is of use.
 */
export type TokenSource = string | ((refused?: string) => string | Promise<string>);

/** Asks for tokens, and tells once of the last one when it was refused. */
export interface TokenKeeper {
  ask(): Promise<string>;
  refused(): void;
}

export function keepToken(source: TokenSource): TokenKeeper {
  let last: string | undefined;
  let refused: string | undefined;
  return {
    async ask() {
      const before = refused;
      refused = undefined;
      try {
        last = typeof source === 'function' ? await source(before) : source;
      } catch (error) {
        // The next one to ask must not be given that one again.
        refused ??= before;
        throw error;
      }
      return last;
    },
    refused() {
      refused = last;
    },
  };
}
