/**
 * Times from the reply of an HTTP call to the event a subscriber gets for it. The two are matched by the id
 * that the call sent as Idempotency-Key and that every row carries as `causedBy`.
 */
export function createStopwatch() {
  const replies = new Map<string, number>();
  const events = new Map<string, number>();
  return {
    replied(cause: string): void {
      replies.set(cause, performance.now());
    },
    seen(cause: string): void {
      if (!events.has(cause)) events.set(cause, performance.now());
    },
    /** Milliseconds, one for each call that was seen; 0 where the event overtook the reply. */
    latencies(): number[] {
      return [...events].flatMap(([cause, seen]) => {
        const replied = replies.get(cause);
        return replied === undefined ? [] : [Math.max(0, seen - replied)];
      });
    },
  };
}
