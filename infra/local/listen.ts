import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TlsCertificate } from './tls.ts';

/** What answers the requests and the web sockets of a server. */
export interface RequestHandlers {
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** A server that has its address before it has its handlers. */
export interface ListeningServer {
  /** Without a trailing slash. */
  readonly url: string;
  serve(handlers: RequestHandlers): void;
  /** Breaks what is in flight. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1, on a free port unless one is asked for. @throws Error when the port is taken */
export async function listen(options: {
  readonly port?: number | undefined;
  readonly tls?: TlsCertificate;
}): Promise<ListeningServer> {
  const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  server.keepAliveTimeout = 65_000;
  const sockets = new Set<Duplex>();
  server.listen(options.port ?? 0, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw taken ? new Error(`Port ${options.port} is taken on this machine: choose another one`) : error;
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    // Certificates name localhost, and clients that insist on TLS check the name.
    url: options.tls === undefined ? `http://127.0.0.1:${address.port}` : `https://localhost:${address.port}`,
    serve(handlers) {
      server.on('request', handlers.handleRequest);
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        handlers.handleUpgrade(request, socket, head);
      });
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}
