import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createServedApi, type ServedApi } from './served-api.ts';
import type { Engine } from './dynamodb/engine-process.ts';
import { startEngine, type EngineKind } from './dynamodb/engine.ts';
import { lockFolder } from './folder-lock.ts';
import { readFunctions } from './lambda/functions.ts';
import { startGate, type Gate } from './dynamodb/gate.ts';
import { asyncInvocationOf } from './lambda/async-invocation.ts';
import type { FunctionLog } from './lambda/invocation.ts';
import { createInvoker } from './lambda/invoke.ts';
import { createIssuer, type Issuer } from './identity/issuer.ts';
import { principalsOf } from './iam/principals.ts';
import type { LocalPayments } from './payments/local-payments.ts';
import { startPaymentProvider } from './payments/payment-provider.ts';
import { startMappings } from './streams/mappings.ts';
import { scratchFolder } from './scratch-folder.ts';
import { type ObjectStore, startObjectStore } from './objects/object-store.ts';
import { startSecretsManager } from './secrets/secrets-manager.ts';
import type { SynthesisedTemplate } from './template/resource.ts';
import { parseSchedule, startScheduler, type Scheduler } from './schedule/schedule.ts';
import { listen } from './listen.ts';
import type { DeliveryMode, PollerEvent } from './streams/stream-delivery.ts';
import type { StreamPoller } from './streams/stream-poller.ts';
import { quiet } from './streams/stream-quiet.ts';
import type { Intercept } from './streams/stream-shards.ts';
import { createTables } from './dynamodb/tables.ts';
import { readTemplate } from './template/template.ts';
import { createTtlSweep } from './dynamodb/ttl-sweep.ts';
import type { TlsCertificate } from './tls.ts';

/** How to run a synthesised template on this machine. */
export interface StackOptions {
  /** The folder of the cloud assembly, as `synthesise` returns it. */
  readonly assembly: string;
  /** dynoxide by default. */
  readonly engine?: EngineKind;
  /** Keeps rows, keys, stream positions and failures in this folder. Without it a stack leaves nothing behind. */
  readonly dataFolder?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Serves https and wss instead of http and ws. */
  readonly tls?: TlsCertificate;
  /** The folder of a built console, to be served at `/console/`; it may be built while the stack starts. */
  readonly console?: string;
  /** How streams are delivered; see `StreamPollerOptions`. */
  readonly delivery?: DeliveryMode;
  readonly seed?: number;
  /** Execution environments per function. */
  readonly maxConcurrency?: number;
  /** Mappings, by logical id, whose records a test wants to lose, delay or repeat. */
  readonly intercept?: (mappingLogicalId: string) => Intercept | undefined;
  readonly onFunctionLog?: (log: FunctionLog) => void;
  readonly onStreamEvent?: (mappingLogicalId: string, event: PollerEvent) => void;
  readonly onWarning?: (message: string) => void;
}

/** A whole school on this machine. */
export interface Stack {
  /** Base address of the HTTP API, without a trailing slash. */
  readonly url: string;
  readonly graphqlUrl: string;
  readonly template: SynthesisedTemplate;
  readonly issuer: Issuer;
  /** Where the students pay. */
  readonly payments: LocalPayments;
  /** DynamoDB as the functions see it; the operator's access key may do everything. */
  readonly gate: Gate;
  readonly operatorAccessKeyId: string;
  readonly engineName: Engine['name'];
  readonly pollers: readonly StreamPoller[];
  readonly schedules: Scheduler;
  readonly realtime: ServedApi['realtime'];
  /** S3 as the functions see it: what was given up. */
  readonly objects: ObjectStore;
  /** Where the objects are, as files: a folder for each bucket. */
  readonly failureFolder: string;
  /** Resolves when no HTTP call is running and nothing is left in any stream. */
  quiet(options?: { readonly timeoutMs?: number }): Promise<void>;
  stop(): Promise<void>;
}

const OPERATOR_ACCESS_KEY = 'LOCALOPERATOR';
const REGION = 'us-east-1';

/** Expired rows stay readable for a while, as on AWS, where it may be days. */
const TTL_SWEEP_MS = 60_000;

/**
 * Runs a synthesised template on this machine: its tables, functions, routes, stream mappings, GraphQL API
 * and schedules. Throws when a part cannot start; what had started is then stopped.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return await start(options, (cleanup) => cleanups.push(cleanup), stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: StackOptions,
  onStop: (cleanup: () => Promise<unknown>) => void,
  stop: () => Promise<void>,
): Promise<Stack> {
  const { dataFolder } = options;
  const home = dataFolder ?? scratchFolder('memory');
  const folder = (name: string) => path.join(home, name);
  if (dataFolder === undefined) onStop(() => rm(home, { recursive: true, force: true }));
  else await mkdir(home, { recursive: true });
  const lock = await lockFolder(home);
  onStop(() => lock.release());

  // The address comes first: the template's functions have to know where the GraphQL API will be. They have no
  // way to trust a certificate of this machine's own, so they always get a plain one.
  const inner = await listen({ port: options.tls === undefined ? options.port : undefined });
  onStop(() => inner.close());
  const server = options.tls === undefined ? inner : await listen({ port: options.port, tls: options.tls });
  onStop(() => server.close());
  const template = readTemplate({
    assembly: options.assembly,
    values: { 'AWS::AppSync::GraphQLApi.GraphQLUrl': `${inner.url}/graphql` },
  });

  const engine = await startEngine({
    kind: options.engine ?? 'dynoxide',
    ...(dataFolder !== undefined && { dataFolder, lock: lock.file }),
    ...(options.onWarning !== undefined && { onWarning: options.onWarning }),
  });
  onStop(() => engine.stop());
  const tables = await createTables(template.resources('AWS::DynamoDB::Table'), engine.endpoint);
  const principals = principalsOf(template);
  const gate = await startGate({
    engine,
    tables,
    principals,
    operatorAccessKeyId: OPERATOR_ACCESS_KEY,
  });
  onStop(() => gate.stop());

  const failureFolder = folder('failures');
  const objects = await startObjectStore({ template, principals, folder: failureFolder });
  onStop(() => objects.stop());
  const secrets = await startSecretsManager({ template, principals });
  onStop(() => secrets.stop());
  const payments = await startPaymentProvider({
    template,
    secretOf: secrets.valueOf,
    pagesUrl: server.url,
    webhookUrl: `${inner.url}/webhooks/payments`,
    ...(dataFolder !== undefined && { file: path.join(folder('payments'), 'checkouts.json') }),
  });
  onStop(() => payments.stop());

  const invoker = createInvoker({
    functions: readFunctions(template, {
      dynamodbEndpoint: gate.endpoint,
      secretsEndpoint: secrets.endpoint,
      objectsEndpoint: objects.endpoint,
      outside: { STRIPE_API_URL: payments.apiUrl },
      region: REGION,
    }),
    ...(options.maxConcurrency !== undefined && { maxConcurrency: options.maxConcurrency }),
    ...(options.onFunctionLog !== undefined && { onLog: options.onFunctionLog }),
  });
  onStop(() => invoker.stop());

  const ttlSweep = createTtlSweep({
    endpoint: gate.endpoint,
    accessKeyId: OPERATOR_ACCESS_KEY,
    tables: tables.filter((table) => table.ttlAttribute !== undefined),
  });
  const sweeping = setInterval(() => void sweepNow(), TTL_SWEEP_MS);
  sweeping.unref();
  onStop(async () => clearInterval(sweeping));
  async function sweepNow(): Promise<void> {
    await ttlSweep.sweep(new Date()).catch((error: unknown) => options.onWarning?.(`TTL: ${String(error)}`));
  }

  const pollers = startMappings({
    template,
    engineEndpoint: engine.endpoint,
    gate,
    principals,
    ttlSweep,
    invoke: invoker.invoke,
    failureFolder,
    ...(dataFolder !== undefined && { checkpointFolder: folder('checkpoints') }),
    ...(options.delivery !== undefined && { delivery: options.delivery }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.intercept !== undefined && { intercept: options.intercept }),
    ...(options.onStreamEvent !== undefined && { onEvent: options.onStreamEvent }),
  });
  onStop(() => Promise.all(pollers.map((poller) => poller.stop())));

  const schedules = startScheduler({
    schedules: template
      .resources('AWS::Scheduler::Schedule')
      .map((resource) => parseSchedule(resource, new Date())),
    invoke: invoker.invoke,
    asyncInvocationOf: (functionName) => asyncInvocationOf(template, functionName),
    failureFolder,
    onFailure: (schedule, result) => {
      if (!result.ok) options.onWarning?.(`${schedule.name} gave up: ${result.errorMessage}`);
    },
  });
  onStop(() => schedules.stop());

  const issuer = await createIssuer({
    template,
    invoke: invoker.invoke,
    ...(dataFolder !== undefined && { dataFolder }),
  });
  const whenQuiet: Stack['quiet'] = async (limits) => {
    await served.settled();
    await quiet(pollers, limits);
  };
  const served = await createServedApi({
    template,
    issuer,
    payments,
    invoke: invoker.invoke,
    principals,
    about: {
      engine: engine.name,
      dynamodb: { endpoint: gate.endpoint, accessKeyId: OPERATOR_ACCESS_KEY },
      graphqlUrl: `${server.url}/graphql`,
      tables: tables.map((table) => table.name),
    },
    pollers,
    quiet: whenQuiet,
    ...(options.console !== undefined && { console: options.console }),
    ...(options.onWarning !== undefined && { onWarning: options.onWarning }),
  });
  onStop(() => served.close());
  inner.serve(served);
  if (server !== inner) server.serve(served);

  return {
    url: server.url,
    graphqlUrl: `${server.url}/graphql`,
    template,
    issuer,
    payments,
    gate,
    operatorAccessKeyId: OPERATOR_ACCESS_KEY,
    engineName: engine.name,
    pollers,
    schedules,
    realtime: served.realtime,
    objects,
    failureFolder,
    quiet: whenQuiet,
    stop,
  };
}
