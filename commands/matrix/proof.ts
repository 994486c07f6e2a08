/** What became of a cell. `ms` is from the reply to the source until the target had it; null where that says nothing. */
export interface Proof {
  readonly ok: boolean;
  readonly ms: number | null;
  /** Why it does not hold, or how it was seen. */
  readonly why: string;
}

export function failed(why: string): Proof {
  return { ok: false, ms: null, why };
}

export function proved(why: string, ms: number | null = null): Proof {
  return { ok: true, ms, why };
}

/** The result of `check`, or what it throws as the reason why the cell does not hold. */
export async function attempt(check: () => Promise<Proof>): Promise<Proof> {
  try {
    return await check();
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}
