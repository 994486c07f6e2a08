import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { operations } from '../../shared/contracts/api.ts';
import { type OpenApiDocument, openApiDocument } from '../../shared/contracts/openapi.ts';
import type { Operation } from '../../shared/contracts/operation.ts';
import { STATUS_OF } from '../../shared/runtime/problem.ts';

/** A pool as the local stack calls it. */
export const ISSUER = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_UserPool';

/** A reply as it came over the wire. `json` is what its body says, where it is JSON. */
export interface Answered {
  readonly method: string;
  /** With or without the query. */
  readonly path: string;
  readonly status: number;
  /** Of the content; undefined where there is none. */
  readonly type: string | undefined;
  /** Of the header `x-request-id`. */
  readonly requestId: string | undefined;
  readonly json: unknown;
}

/** A reply that the description of the API does not tell of. */
export class OutOfContract extends Error {
  override readonly name = 'OutOfContract';
}

let described: { readonly document: OpenApiDocument; readonly ajv: Ajv2020 } | undefined;
const compiled = new Map<string, ValidateFunction>();

/** The document, and what validates by its parts: made once for a test file. */
export function description(): { readonly document: OpenApiDocument; readonly ajv: Ajv2020 } {
  if (described !== undefined) return described;
  const document = openApiDocument({ statusOf: (code) => STATUS_OF[code], issuer: ISSUER });
  // The keywords of OpenAPI beside those of JSON Schema are not checked: the document itself is, by its own test.
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'api');
  described = { document, ajv };
  return described;
}

/** Validates by the schema at a place of the document, such as `['components', 'schemas', 'Problem']`. */
export function validatorAt(place: readonly string[]): ValidateFunction {
  const pointer = place
    .map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
    .join('');
  const known = compiled.get(pointer);
  if (known !== undefined) return known;
  const validate = description().ajv.compile({ $ref: `api#${pointer}` });
  compiled.set(pointer, validate);
  return validate;
}

const patterns = Object.entries<Operation>(operations).map(([name, { method, path }]) => ({
  name,
  method,
  path,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The operation that a request is for; undefined for what is none of the API's. */
export function operationOf(method: string, path: string): { name: string; path: string } | undefined {
  const [bare = ''] = path.split('?');
  return patterns.find((each) => each.method === method && each.pattern.test(bare));
}

/**
 * Holds a reply against the description of the API: that it tells of the status and the type, and that the body fits
 * its schema, codes and closed objects included, and that it names the request where a function gave it. A request that is for none of the operations is let through.
 *
 * @throws OutOfContract saying what does not fit
 */
export function expectInContract({ method, path, status, type, requestId, json }: Answered): void {
  const operation = operationOf(method, path);
  if (operation === undefined) return;
  const refuse = (why: string) => {
    throw new OutOfContract(`${operation.name} replied ${status} ${JSON.stringify(json) ?? ''}: ${why}`);
  };
  const at = ['paths', operation.path, method.toLowerCase(), 'responses', String(status)];
  const response = resolved(at);
  if (response === undefined) return refuse('a status that is not described');
  const { content = {} } = response.value;
  const media = type?.split(';')[0];
  // What API Gateway says by itself is JSON of another kind.
  const byFunction = status < 400 || media === 'application/problem+json';
  if (byFunction && !requestId) return refuse('no x-request-id, which is described');
  if (media === undefined) {
    if (Object.keys(content).length > 0) refuse('no content, where some is described');
    return;
  }
  const found = content[media];
  if (found === undefined) return refuse(`content of type ${media}, which is not described`);
  if (found.schema === undefined) return;
  const validate = validatorAt([...response.place, 'content', media, 'schema']);
  if (!validate(json)) refuse(description().ajv.errorsText(validate.errors));
}

interface DescribedResponse {
  readonly $ref?: string;
  readonly content?: Record<string, { readonly schema?: unknown }>;
}

/** A response of the document, and where it is, behind its reference if it is one. */
function resolved(
  place: readonly string[],
): { place: readonly string[]; value: DescribedResponse } | undefined {
  const value = place.reduce<any>((part, name) => part?.[name], description().document) as
    DescribedResponse | undefined;
  if (value === undefined) return undefined;
  if (value.$ref === undefined) return { place, value };
  return resolved(value.$ref.slice(2).split('/'));
}

/** The schools whose replies are held against the contract, by the beginning of their addresses. */
const watched = new Map<string, OutOfContract[]>();
let platformFetch: typeof globalThis.fetch | undefined;

/**
 * Holds every reply to a `fetch` of this process from a school against the contract: whoever asked gets the error
 * instead of the reply. Who swallows it is found out by `release`, which throws what there was.
 */
export function holdToContract(url: string): { release(): void } {
  description();
  const broken: OutOfContract[] = [];
  watched.set(url, broken);
  if (platformFetch === undefined) {
    const fetch = globalThis.fetch;
    platformFetch = fetch;
    globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init);
      await holdReply(input, init, response);
      return response;
    };
  }
  return {
    release() {
      watched.delete(url);
      if (watched.size === 0 && platformFetch !== undefined) {
        globalThis.fetch = platformFetch;
        platformFetch = undefined;
      }
      if (broken.length > 0)
        throw new AggregateError(broken, broken.map(({ message }) => message).join('\n'));
    },
  };
}

async function holdReply(
  input: string | URL | Request,
  init: RequestInit | undefined,
  response: Response,
): Promise<void> {
  const address = input instanceof Request ? input.url : String(input);
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
  for (const [url, broken] of watched) {
    if (!address.startsWith(`${url}/`)) continue;
    const type = response.headers.get('content-type') ?? undefined;
    const requestId = response.headers.get('x-request-id') ?? undefined;
    const { status } = response;
    const path = address.slice(url.length);
    try {
      const json = type?.includes('json') === true ? parsed(await response.clone().text()) : undefined;
      expectInContract({ method, path, status, type, requestId, json });
    } catch (error) {
      if (error instanceof OutOfContract) broken.push(error);
      throw error;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new OutOfContract(`The reply is called JSON and is none: ${text.slice(0, 200)}`);
  }
}
