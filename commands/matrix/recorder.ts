import type { RealtimeClient } from '../../shared/client/realtime.ts';
import type { Topic } from '../../shared/client/realtime-topic.ts';
import type { AdminChange, RowChange, StudentChange } from '../../shared/contracts/publish.ts';
import type { TooLate } from './too-late.ts';

type Change = StudentChange | AdminChange;

interface Told {
  readonly change: Change;
  /** By `performance.now()`. */
  readonly at: number;
}

/** What a subscriber is told on a topic, from its acknowledgement on. */
export interface Recorder {
  /**
   * When the first event after `since` came that names the view and has such a row; undefined when none came
   * before it was too late.
   */
  told(
    view: string,
    about: (row: RowChange) => boolean,
    since: number,
    tooLate: TooLate,
  ): Promise<number | undefined>;
}

/** Subscribes, and resolves once the subscription is acknowledged. */
export function record(realtime: RealtimeClient, topic: Topic<Change>): Promise<Recorder> {
  const heard: Told[] = [];
  const waiting = new Set<() => void>();
  const recorder: Recorder = {
    told(view, about, since, tooLate) {
      const find = () =>
        heard.find(
          ({ change, at }) =>
            at >= since && [...change.views].some((named) => named === view) && change.rows.some(about),
        )?.at;
      return new Promise((resolve) => {
        const end = (at: number | undefined) => {
          waiting.delete(look);
          resolve(at);
        };
        const look = () => {
          const at = find();
          if (at !== undefined) end(at);
        };
        waiting.add(look);
        look();
        void tooLate.comes.then(() => end(undefined));
      });
    },
  };
  return new Promise((resolve, reject) => {
    realtime.subscribe(
      topic,
      (change) => {
        heard.push({ change, at: performance.now() });
        for (const look of waiting) look();
      },
      () => resolve(recorder),
      (problem) => reject(new Error(`The subscription gets nothing: ${problem.message}`)),
    );
  });
}
