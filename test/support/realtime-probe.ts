import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A bare client of the real-time protocol that sees every frame. */
export interface Probe {
  readonly socket: WebSocket;
  readonly frames: any[];
  /** The next frame that has not been taken and is no keep-alive. */
  next(): Promise<any>;
  send(message: unknown): void;
  start(id: string, query: string, variables?: Record<string, unknown>, token?: string): void;
  /** The close code, once the connection is closed. */
  readonly closed: Promise<number>;
}

export const encode = (value: unknown, encoding: BufferEncoding = 'base64url'): string =>
  Buffer.from(JSON.stringify(value)).toString(encoding);

/** Opens a socket as AppSync's newer clients do, or as `how` says. */
export async function openProbe(
  url: string,
  token: string,
  how: { protocols?: string[]; query?: string } = {},
): Promise<Probe> {
  const address = `${url.replace(/^http/, 'ws')}/realtime${how.query ?? ''}`;
  const header = { host: new URL(url).host, Authorization: token };
  const socket = new WebSocket(address, how.protocols ?? ['graphql-ws', `header-${encode(header)}`]);
  const frames: any[] = [];
  const waiting: ((frame: any) => void)[] = [];
  const untaken: any[] = [];
  socket.on('message', (raw) => {
    const frame = JSON.parse(String(raw));
    frames.push(frame);
    if (frame.type === 'ka') return;
    const taker = waiting.shift();
    if (taker) taker(frame);
    else untaken.push(frame);
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const send = (message: unknown): void =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return {
    socket,
    frames,
    closed,
    send,
    next: () => (untaken.length > 0 ? Promise.resolve(untaken.shift()) : new Promise((r) => waiting.push(r))),
    start: (id, query, variables, own = token) =>
      send({
        id,
        type: 'start',
        payload: {
          data: JSON.stringify({ query, variables }),
          extensions: { authorization: { ...header, Authorization: own } },
        },
      }),
  };
}

/** A probe that is through its handshake. */
export async function connectProbe(url: string, token: string): Promise<Probe> {
  const probe = await openProbe(url, token);
  probe.send({ type: 'connection_init' });
  const frame = await probe.next();
  if (frame.type !== 'connection_ack') throw new Error(JSON.stringify(frame));
  return probe;
}
