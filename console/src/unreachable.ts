/** What asked got no answer at all: the network, or the server, was not there. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(cause: unknown) {
    super('The school cannot be reached. Is it running?', { cause });
  }
}

/**
 * The `fetch` of a platform that tells a school that is away from a mistake of the program: both reject with a TypeError.
 * What was broken off rejects with why.
 */
export function reaching(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      if (init?.signal?.aborted === true) throw error;
      throw new Unreachable(error);
    }
  };
}

/** The browser's. */
export const fetchSchool = reaching((input, init) => globalThis.fetch(input, init));
