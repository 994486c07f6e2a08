import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGraphqlApi, type GraphqlApi } from './appsync/graphql-api.ts';
import { apiPage } from './http/api-page.ts';
import { CONSOLE_PAGE, consolePage } from './http/console-page.ts';
import { createHttpApi } from './http/http-api.ts';
import { createStaticFiles } from './http/static-files.ts';
import { isAllowed } from './iam/iam-policy.ts';
import type { Invoker } from './lambda/invoke.ts';
import { createIssuerEndpoints } from './identity/issuer-endpoints.ts';
import type { Issuer } from './identity/issuer.ts';
import type { LocalPaymentProvider } from './payments/payment-provider.ts';
import type { RequestHandlers } from './listen.ts';
import type { Principal } from './iam/principals.ts';
import { jsonReply, sendReply } from './http/reply.ts';
import type { SynthesisedTemplate } from './template/resource.ts';
import type { StreamPoller } from './streams/stream-poller.ts';
import { createSigningKeys } from './identity/verify-jwt.ts';

/** What one address of this machine serves, and from what. */
export interface ServedApiOptions {
  readonly template: SynthesisedTemplate;
  readonly issuer: Issuer;
  readonly payments: Pick<LocalPaymentProvider, 'handle'>;
  readonly invoke: Invoker['invoke'];
  readonly principals: ReadonlyMap<string, Principal>;
  /** What `GET /local` tells commands that run against this stack. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly pollers: readonly StreamPoller[];
  readonly quiet: () => Promise<void>;
  /** The folder of the console's pages; without it there is no console. */
  readonly console?: string;
  readonly onWarning?: (message: string) => void;
}

export interface ServedApi extends RequestHandlers {
  readonly realtime: GraphqlApi['realtime'];
  /** Resolves when no call of the HTTP API is running. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * One address for everything that has its own on AWS: the HTTP API, GraphQL with its web sockets, the issuer,
 * and what only this machine has:
 *
 * - `GET /docs/`: the API's description as a page, on which it can be tried out
 * - `GET /local`: the engine and how to reach it
 * - `GET /local/streams`: per mapping what waits and what is wrong
 * - `POST /local/quiet`: answers once nothing is left in any stream
 * - `POST /local/token`, `POST /local/sign-up`: see `createIssuerEndpoints`
 * - `/local/payments`: see `createPaymentEndpoints`
 *
 * and, where there is one, the console under `/console/`.
 */
export async function createServedApi(options: ServedApiOptions): Promise<ServedApi> {
  const { template, issuer, payments, invoke, principals, pollers, onWarning } = options;
  const http = createHttpApi({
    template,
    invoke,
    signingKeys: createSigningKeys([{ issuerUrl: issuer.issuerUrl, getKey: issuer.getKey }]),
    onFailure: (failure) =>
      onWarning?.(
        `${failure.routeKey} answered with an error of its own (${failure.requestId}): ${failure.reason}`,
      ),
  });
  const graphql = await createGraphqlApi({
    template,
    verifyToken: async (token) => {
      try {
        return { ok: true, claims: await issuer.verify(token) };
      } catch (error) {
        return { ok: false, reason: String(error) };
      }
    },
    identifyIam: (accessKeyId) => principals.get(accessKeyId),
    isAllowed,
  });
  const issuerEndpoints = createIssuerEndpoints(issuer);
  const pages = [apiPage(), ...(options.console === undefined ? [] : [consolePage(options.console)])];
  const files = pages.map(createStaticFiles);
  const running = new Set<Promise<boolean>>();

  const local: Readonly<Record<string, () => unknown>> = {
    'GET /local': () => options.about,
    'GET /local/streams': () =>
      pollers.map(({ mapping, waiting, idle, problem }) => ({
        mapping: mapping.logicalId,
        table: mapping.tableName,
        function: mapping.functionName,
        waiting: waiting(),
        idle: idle(),
        problem: problem ?? null,
      })),
    'POST /local/quiet': async () => {
      await options.quiet();
      return { quiet: true };
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const own = local[`${request.method} ${request.url}`];
    if (own !== undefined) {
      sendReply(request, response, jsonReply(200, await own()));
      return;
    }
    if (graphql.handleRequest(request, response)) return;
    if (await issuerEndpoints(request, response)) return;
    if (await payments.handle(request, response)) return;
    if (options.console !== undefined && request.url === '/') {
      sendReply(request, response, {
        status: 302,
        headers: [['location', `${CONSOLE_PAGE}/`]],
        body: Buffer.alloc(0),
      });
      return;
    }
    for (const serve of files) if (await serve(request, response)) return;
    const call = http.handle(request, response);
    running.add(call);
    const handled = await call.finally(() => running.delete(call));
    if (!handled) http.notFound(request, response);
  }

  return {
    realtime: graphql.realtime,
    handleRequest(request, response) {
      answer(request, response).catch((error: unknown) => {
        onWarning?.(`${request.method} ${request.url} failed: ${String(error)}`);
        if (!response.headersSent) sendReply(request, response, jsonReply(500, { message: String(error) }));
      });
    },
    handleUpgrade(request, socket, head) {
      if (!graphql.handleUpgrade(request, socket, head)) socket.destroy();
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled(running);
    },
    close: () => graphql.close(),
  };
}
