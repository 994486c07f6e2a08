import { WebSocket } from 'ws';
import { connectRealtime } from '../../shared/client/realtime.ts';
import { adminsTopic, studentTopic, type Topic } from '../../shared/client/realtime-topic.ts';
import type { AdminChange, StudentChange } from '../../shared/contracts/publish.ts';
import type { Heard, Listen, SubscriberMessage } from './subscribers.ts';

// A process of its own, so that listening does not slow down what is listened to. Run by `subscribers.ts`.

const heard = new Map<number, { eventIds: string[]; lags: number[] }>();
let troubles = 0;

function listen({ id, url, token, userId }: Listen): void {
  const mine = { eventIds: [] as string[], lags: [] as number[] };
  heard.set(id, mine);
  const client = connectRealtime({
    url,
    token,
    WebSocket,
    onState: (state) => {
      if (state === 'down') troubles += 1;
    },
  });
  const subscribe = <Event extends StudentChange | AdminChange>(topic: Topic<Event>): void => {
    client.subscribe(
      topic,
      (event) => {
        const now = Date.now();
        mine.eventIds.push(event.eventId);
        const causedAt = event.rows.map((row) => Date.parse(row.causedAt));
        if (causedAt.length > 0) mine.lags.push(now - Math.max(...causedAt));
      },
      () => send({ kind: 'ready', id }),
      () => (troubles += 1),
    );
  };
  if (userId === undefined) subscribe(adminsTopic());
  else subscribe(studentTopic(userId));
}

function send(message: SubscriberMessage): void {
  process.send?.(message);
}

process.on('message', (message: Listen | 'report') => {
  if (message !== 'report') {
    listen(message);
    return;
  }
  const all: Heard[] = [...heard].map(([id, { eventIds, lags }]) => ({ id, eventIds, lags }));
  send({ kind: 'report', heard: all, troubles, heapBytes: process.memoryUsage().heapUsed });
});
process.on('disconnect', () => process.exit(0));
