import { describe, readFrame, type Frame, type FrameError } from './realtime-frame.ts';

/** The part of a web socket that is used here; the browser's and that of `ws` both have it. */
export interface WebSocketLike {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** `WebSocket` of the browser or of `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** The real-time address that belongs to a GraphQL address: AWS's own domain, or any other by its path. */
export function realtimeUrl(graphqlUrl: string): string {
  const url = new URL(graphqlUrl);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  const aws = /^([a-z0-9]+)\.appsync-api\.([a-z0-9-]+\.amazonaws\.com(?:\.cn)?)$/.exec(url.host);
  if (aws === null) url.pathname += '/realtime';
  else url.host = `${aws[1]}.appsync-realtime-api.${aws[2]}`;
  return url.href;
}

/** The subprotocols that carry the authorization headers when connecting. */
export function connectProtocols(headers: Readonly<Record<string, string>>): string[] {
  const bytes = new TextEncoder().encode(JSON.stringify(headers));
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const encoded = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return ['graphql-ws', `header-${encoded}`];
}

/** What one connection tells its owner. Nothing is told after `onDown`. */
export interface SocketEvents {
  readonly onAcknowledged: () => void;
  readonly onFrame: (frame: Frame) => void;
  /** With the error that the server gave, if it was that. */
  readonly onDown: (reason: string, error?: FrameError) => void;
}

/** One connection, from opening to its end. */
export interface RealtimeSocket {
  send(message: unknown): void;
  /** Ends the connection; `onDown` is called, once. */
  end(reason: string): void;
}

/**
 * Opens a connection and does the handshake. The connection ends by itself when it is not acknowledged within
 * `handshakeMs`, and later when no frame arrives within the time the server named.
 */
export function openSocket(
  WebSocket: WebSocketConstructor,
  address: string,
  headers: Readonly<Record<string, string>>,
  handshakeMs: number,
  events: SocketEvents,
): RealtimeSocket {
  const socket = new WebSocket(address, connectProtocols(headers));
  let down = false;
  let timeoutMs = handshakeMs;
  let timer = setTimeout(() => end('no connection_ack in time'), timeoutMs);

  function end(reason: string, error?: FrameError): void {
    if (down) return;
    down = true;
    clearTimeout(timer);
    socket.onopen = socket.onmessage = socket.onclose = null;
    // `ws` reports a socket closed while connecting as an error, which must find a listener.
    socket.onerror = () => undefined;
    socket.close();
    events.onDown(reason, error);
  }

  function read(text: string): void {
    const frame = readFrame(text);
    if (frame === undefined) {
      end('the server sent something that is no frame');
      return;
    }
    timeoutMs = frame.connectionTimeoutMs ?? timeoutMs;
    clearTimeout(timer);
    timer = setTimeout(() => end('no keep-alive in time'), timeoutMs);
    if (frame.type === 'connection_ack') events.onAcknowledged();
    else if (frame.type === 'connection_error') end(describe(frame.error), frame.error);
    else events.onFrame(frame);
  }

  const send = (message: unknown): void => {
    if (!down) socket.send(JSON.stringify(message));
  };
  socket.onopen = () => send({ type: 'connection_init' });
  socket.onmessage = (event: { readonly data: unknown }) => read(String(event.data));
  socket.onclose = () => end('the connection was closed');
  socket.onerror = () => end('the connection failed');
  return { send, end };
}
