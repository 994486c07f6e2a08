import type { AdminChange, StudentChange } from '../contracts/publish.ts';
import { orAborted } from './or-aborted.ts';
import { adminsTopic, studentTopic, type Topic } from './realtime-topic.ts';
import type { RealtimeClient, SubscriptionProblem } from './realtime.ts';
import type { TopicName } from './watched-views.ts';

export type ChangeEvent = StudentChange | AdminChange;

export interface TopicListener {
  /**
   * Whether events come: called on joining and whenever it changes, and with true again when an event was lost.
   * With true everything that changes from then on is heard, and what was before has to be read.
   */
  connected(isUp: boolean): void;
  hear(event: ChangeEvent): void;
}

/** `polling` while nothing is pushed: the connection is down, or the server refuses the subscription. */
export type TopicState = 'connecting' | 'live' | 'polling';

export interface SharedTopics {
  /** Listens until the returned function is called; all listeners of a topic share its one subscription. */
  join(name: TopicName, listener: TopicListener): () => void;
  /** The connection is down. */
  lost(): void;
  close(): void;
}

/** A token that takes longer is not coming. */
const TOKEN_MS = 15_000;

interface Sharing {
  readonly realtime: RealtimeClient;
  /** Whose topic `student` is. */
  readonly userId: () => Promise<string>;
  /** Before it is asked again who the student is. */
  readonly retryMs: number;
  readonly onState: (states: readonly TopicState[]) => void;
  readonly onError: (error: unknown) => void;
}

interface SharedTopic {
  readonly listeners: Set<TopicListener>;
  state: TopicState;
  stop: () => void;
}

export function shareTopics({ realtime, userId, retryMs, onState, onError }: Sharing): SharedTopics {
  const topics = new Map<TopicName, SharedTopic>();

  function report(): void {
    onState([...topics.values()].map(({ state }) => state));
  }

  function enter(topic: SharedTopic, state: TopicState): void {
    // A connection that fails again and again must not put off the next poll each time.
    if (topic.state === state && state !== 'live') return;
    topic.state = state;
    report();
    // A copy: who joins meanwhile is told on joining.
    for (const listener of [...topic.listeners]) listener.connected(state === 'live');
  }

  function subscribe<Event extends ChangeEvent>(topic: SharedTopic, to: Topic<Event>): void {
    topic.stop = realtime.subscribe(
      to,
      (event) => {
        for (const listener of topic.listeners) listener.hear(event);
      },
      () => enter(topic, 'live'),
      ({ kind, message }: SubscriptionProblem) => {
        onError(new Error(`${kind}: ${message}`));
        enter(topic, kind === 'unreadable-event' ? topic.state : 'polling');
      },
    );
  }

  async function subscribeStudent(topic: SharedTopic): Promise<void> {
    let retry: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    topic.stop = () => {
      left = true;
      clearTimeout(retry);
    };
    const attempt = async (): Promise<void> => {
      const asking = new AbortController();
      retry = setTimeout(() => asking.abort(new Error('no token in time')), TOKEN_MS);
      try {
        const student = await orAborted(userId(), asking.signal);
        clearTimeout(retry);
        if (!left) subscribe(topic, studentTopic(student));
      } catch (error) {
        clearTimeout(retry);
        if (left) return;
        retry = setTimeout(() => void attempt(), retryMs);
        onError(error);
        enter(topic, 'polling');
      }
    };
    await attempt();
  }

  function open(name: TopicName): SharedTopic {
    const topic: SharedTopic = { listeners: new Set(), state: 'connecting', stop: () => undefined };
    topics.set(name, topic);
    if (name === 'admin') subscribe(topic, adminsTopic());
    else void subscribeStudent(topic);
    report();
    return topic;
  }

  return {
    join(name, listener) {
      const topic = topics.get(name) ?? open(name);
      topic.listeners.add(listener);
      listener.connected(topic.state === 'live');
      return () => {
        topic.listeners.delete(listener);
        if (topic.listeners.size > 0 || topics.get(name) !== topic) return;
        topics.delete(name);
        topic.stop();
        report();
      };
    },
    lost() {
      for (const topic of topics.values()) enter(topic, 'polling');
    },
    close() {
      for (const topic of topics.values()) topic.stop();
      topics.clear();
    },
  };
}
