/** What led to a state: the id of a request or event, and when it happened (ISO 8601, UTC, milliseconds). */
export type Cause = { readonly causedBy: string; readonly causedAt: string };

/** What every row carries. `version` only grows. */
export type Stamp = Cause & { readonly version: number; readonly updatedAt: string };

/** The stamp of the row that follows `previous`, or of the first one. */
export function nextStamp(
  previous: { readonly version: number } | undefined,
  now: string,
  cause: Cause,
): Stamp {
  return {
    version: (previous?.version ?? 0) + 1,
    updatedAt: now,
    causedBy: cause.causedBy,
    causedAt: cause.causedAt,
  };
}

/**
 * Stands for a row that is gone, of which nobody knows the version: the next one is beyond any that it had, so that
 * clients do not take it for old news.
 */
export function goneRow(now: string): { readonly version: number } {
  return { version: Date.parse(now) - 1 };
}

/** Whether this very command was carried out before, whatever came after it; `doneWith` is the key it left. */
export function hadItsEffect(key: string | undefined, doneWith: string | undefined): boolean {
  return key !== undefined && key === doneWith;
}

/** The cause that happened last; of two at the same moment the one with the greater id, so that order does not matter. */
export function newestCause(causes: readonly Cause[]): Cause | undefined {
  let newest: Cause | undefined;
  for (const cause of causes) {
    if (
      newest === undefined ||
      cause.causedAt > newest.causedAt ||
      (cause.causedAt === newest.causedAt && cause.causedBy > newest.causedBy)
    ) {
      newest = cause;
    }
  }
  return newest && { causedBy: newest.causedBy, causedAt: newest.causedAt };
}
