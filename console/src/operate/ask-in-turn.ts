/** How a question stands: the answer that just came, or why none did. */
export type News<Data> = { readonly data: Data } | { readonly error: unknown };

export interface Asking {
  /** Asks, at once or after what is under way: however often meanwhile, once more. */
  readonly again: () => void;
  /** Nothing is asked or told any more. */
  readonly stop: () => void;
}

/** What takes longer than the API lets any call take is not coming any more: the network swallowed it. */
const PATIENCE_MS = 30_000;

/**
 * Asks for one thing, one request at a time. What is under way is answered before the next is asked, so that those who
 * ask all the time are answered all the time, and the last answer is of after the last asking.
 *
 * @param tell hears each answer, and whether another request follows it at once
 */
export function askInTurn<Data>(
  ask: (signal: AbortSignal) => Promise<Data>,
  tell: (news: News<Data>, busy: boolean) => void,
  patienceMs = PATIENCE_MS,
): Asking {
  let underWay: AbortController | undefined;
  let wanted = false;
  let stopped = false;

  async function settle(): Promise<void> {
    const attempt = (underWay = new AbortController());
    const patience = setTimeout(() => attempt.abort(new Error('There was no reply in time')), patienceMs);
    const news = await ask(attempt.signal).then(
      (data): News<Data> => ({ data }),
      (error: unknown): News<Data> => ({ error }),
    );
    clearTimeout(patience);
    underWay = undefined;
    if (stopped) return;
    const more = wanted;
    tell(news, more);
    if (more) again();
  }

  function again(): void {
    if (stopped) return;
    wanted = underWay !== undefined;
    if (!wanted) void settle();
  }

  return {
    again,
    stop() {
      stopped = true;
      underWay?.abort();
    },
  };
}
