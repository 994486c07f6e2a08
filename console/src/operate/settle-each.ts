/** What became of one failure: it was settled, or stays, with why. */
export type Outcome = { readonly failureId: string } & (
  { readonly done: 'redriven' | 'dropped' } | { readonly problem: string }
);

/** Settles one after the other; one that is refused holds up no other. */
export async function settleEach(
  failureIds: readonly string[],
  how: 'redriven' | 'dropped',
  settle: (failureId: string) => Promise<unknown>,
  whyNot: (error: unknown) => string,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const failureId of failureIds) {
    try {
      await settle(failureId);
      outcomes.push({ failureId, done: how });
    } catch (error) {
      outcomes.push({ failureId, problem: whyNot(error) });
    }
  }
  return outcomes;
}
