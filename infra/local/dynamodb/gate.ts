import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthorizer } from './authorize.ts';
import type { AuthorizedAccess } from './authorize.ts';
import { askForCapacity, takeCapacity } from './consumed-capacity.ts';
import { readRequest, tablesOf } from './dynamodb-request.ts';
import type { DynamoDbRequest } from './dynamodb-request.ts';
import { withPlacesInSegments } from './dynoxide-scan.ts';
import { connectToEngine } from './engine-connection.ts';
import type { Engine } from './engine-process.ts';
import { createFaults, OPERATOR } from './faults.ts';
import type { FaultPlan, Faults } from './faults.ts';
import { createMeter } from './meter.ts';
import type { Meter } from './meter.ts';
import type { Principal } from '../iam/principals.ts';
import type { LocalTable } from './tables.ts';
import { internalError, missingToken, unreadableBody, unrecognizedClient } from './wire-error.ts';
import type { WireError } from './wire-error.ts';

export interface GateOptions {
  /** What answers behind the gate. */
  readonly engine: Pick<Engine, 'name' | 'endpoint'>;
  readonly tables: readonly LocalTable[];
  /** Who may call, by access key. Read at each request, so that it may be filled later. */
  readonly principals: ReadonlyMap<string, Principal>;
  /** The access key of tests, pollers and commands, which may do everything. */
  readonly operatorAccessKeyId: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly region?: string;
  readonly account?: string;
}

/** What functions see as DynamoDB. */
export interface Gate {
  readonly endpoint: string;
  readonly meter: Meter;
  readonly faults: Faults;
  /** Calls `listener` with each table that a successful request wrote to, after the engine committed. */
  onWrite(listener: (tableName: string) => void): () => void;
  /** Calls `listener` with each access that a function asks for; the operator's are not authorised. */
  onAccess(listener: (access: AuthorizedAccess) => void): () => void;
  /** Calls `listener` with each request that a function may make, before anything becomes of it. */
  onRequest(listener: (functionName: string, request: DynamoDbRequest) => void): () => void;
  /** Breaks what is in flight. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy in front of an engine that authorises callers by the policies of their roles, meters what
 * they consume and makes requests fail as DynamoDB makes them fail.
 */
export async function startGate(options: GateOptions): Promise<Gate> {
  const { region = 'us-east-1', account = '000000000000', principals, operatorAccessKeyId } = options;
  const tables = new Map(options.tables.map((table) => [table.name, table]));
  const connection = connectToEngine(options.engine.endpoint);
  const engine = options.engine.name === 'dynoxide' ? withPlacesInSegments(connection, tables) : connection;
  const writeListeners = new Set<(tableName: string) => void>();
  const accessListeners = new Set<(access: AuthorizedAccess) => void>();
  const requestListeners = new Set<(functionName: string, request: DynamoDbRequest) => void>();
  const authorize = createAuthorizer({
    region,
    account,
    tables,
    onAccess: (access) => {
      for (const listener of accessListeners) listener(access);
    },
  });
  const meter = createMeter();
  const faults = createFaults(tables);

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const target = incoming.headers['x-amz-target'];
    if (typeof target !== 'string')
      return refuse(response, unreadableBody('The request has no X-Amz-Target'));
    const accessKeyId = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1];
    if (accessKeyId === undefined) return refuse(response, missingToken());
    const principal = principals.get(accessKeyId);
    if (principal === undefined && accessKeyId !== operatorAccessKeyId) {
      return refuse(response, unrecognizedClient());
    }
    const request = parse(target, body);
    if ('body' in request) return refuse(response, request);
    const denied = principal === undefined ? undefined : authorize(principal, request);
    if (denied !== undefined) return refuse(response, denied);

    const caller = principal?.functionName ?? OPERATOR;
    if (principal !== undefined) {
      for (const listener of requestListeners) listener(caller, request);
    }
    meter.countRequest(caller, request.operation, tablesOf(request.accesses));
    const plan = faults.next(caller, request);
    if (plan?.kind === 'refuse') return refuse(response, plan.error);
    if (plan?.kind === 'delay') await sleep(plan.milliseconds);
    await forward({ target, body, request, caller, plan, response });
  }

  async function forward(exchange: Exchange): Promise<void> {
    const { target, body, request, caller, plan, response } = exchange;
    const { units, returnConsumedCapacity: asked } = request;
    const reply = await engine.send(target, units === undefined ? body : askForCapacity(body, asked));
    let content: Buffer | string = reply.body;
    if (units !== undefined && reply.status === 200) {
      const taken = takeCapacity(reply.body, asked);
      content = taken.reply;
      meter.countUnits(caller, units, taken.consumed);
    }
    if (plan?.kind === 'forward-then-break') response.destroy();
    else if (plan?.kind === 'forward-then-refuse') refuse(response, plan.error);
    else answer(response, { ...reply, content });
    if (reply.status === 200) announceWrites(request);
  }

  function announceWrites(request: DynamoDbRequest): void {
    if (request.units !== 'write' || writeListeners.size === 0) return;
    for (const table of tablesOf(request.accesses.filter((access) => access.writes))) {
      for (const listener of writeListeners) listener(table);
    }
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => {
      // The engine's connection broke: what became of the request is as unknown as after a 500 of DynamoDB.
      if (!response.headersSent) refuse(response, internalError());
    });
  });
  // A function's idle connection must not be closed under a request that is just being sent on it.
  server.keepAliveTimeout = 120_000;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');

  return {
    endpoint: `http://127.0.0.1:${portOf(server.address())}`,
    meter,
    faults,
    onWrite: (listener) => {
      writeListeners.add(listener);
      return () => void writeListeners.delete(listener);
    },
    onAccess: (listener) => {
      accessListeners.add(listener);
      return () => void accessListeners.delete(listener);
    },
    onRequest: (listener) => {
      requestListeners.add(listener);
      return () => void requestListeners.delete(listener);
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      engine.close();
    },
  };
}

interface Exchange {
  readonly target: string;
  readonly body: string;
  readonly request: DynamoDbRequest;
  readonly caller: string;
  readonly plan: FaultPlan | undefined;
  readonly response: ServerResponse;
}

function parse(target: string, body: string): DynamoDbRequest | WireError {
  const operation = target.slice(target.indexOf('.') + 1);
  try {
    const parsed: unknown = JSON.parse(body);
    return readRequest(operation, parsed);
  } catch (error) {
    return unreadableBody(`The gate cannot read this ${operation}: ${String(error).slice(0, 500)}`);
  }
}

// Not `for await`: on a path of every request it is markedly slower than listeners.
function readBody(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => resolve(body));
    incoming.on('error', reject);
  });
}

function refuse(response: ServerResponse, error: WireError): void {
  const content = JSON.stringify(error.body);
  answer(response, {
    status: error.status,
    contentType: 'application/x-amz-json-1.0',
    requestId: randomUUID(),
    content,
  });
}

function answer(
  response: ServerResponse,
  reply: {
    readonly status: number;
    readonly contentType: string;
    readonly requestId: string | undefined;
    readonly content: Buffer | string;
  },
): void {
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.content),
    'x-amzn-requestid': reply.requestId ?? randomUUID(),
  });
  response.end(reply.content);
}

function portOf(address: string | { readonly port: number } | null): number {
  if (address === null || typeof address === 'string') throw new Error('The gate listens on no port');
  return address.port;
}
