import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** The network between a client and a school, as something that can fail. */
export interface Wire {
  /** The school's address as seen through the wire, without a trailing slash. */
  readonly url: string;
  /** Breaks every connection, and every new one, until it is mended. */
  cut(): void;
  /** Lets nothing through in either direction, and tells nobody, until it is mended: what is sent waits. */
  hush(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Lays a wire to an address of this machine. */
export async function wireTo(url: string): Promise<Wire> {
  const target = new URL(url);
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();
  let state: 'whole' | 'cut' | 'hushed' = 'whole';

  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    const pair = { near, far };
    pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (state === 'hushed') from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The wire has no port');

  const each = (act: (socket: Socket) => void): void => {
    for (const { near, far } of [...pairs]) [near, far].forEach(act);
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      state = 'cut';
      each((socket) => socket.destroy());
    },
    hush() {
      state = 'hushed';
      each((socket) => socket.pause());
    },
    mend() {
      state = 'whole';
      each((socket) => socket.resume());
    },
    async close() {
      each((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
