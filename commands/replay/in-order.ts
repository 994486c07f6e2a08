/**
 * Runs one task per step, at most `atOnce` together, starting them in the order given; the steps of one key
 * run one after another. The first failure stops new steps and is thrown.
 */
export async function runInOrder<T>(
  steps: readonly T[],
  options: {
    readonly atOnce: number;
    readonly keyOf: (step: T) => string;
    readonly run: (step: T) => Promise<void>;
  },
): Promise<void> {
  const lastOf = new Map<string, Promise<void>>();
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for (const step of steps) {
    if (failure !== undefined) break;
    if (running.size >= options.atOnce) await Promise.race(running);
    const key = options.keyOf(step);
    const task: Promise<void> = (lastOf.get(key) ?? Promise.resolve())
      .then(async () => {
        if (failure === undefined) await options.run(step);
      })
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        running.delete(task);
        if (lastOf.get(key) === task) lastOf.delete(key);
      });
    lastOf.set(key, task);
    running.add(task);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.error;
}
