import * as z from 'zod';
import {
  openApiDocument,
  type OpenApiDocument,
  type OpenApiOptions,
} from '../../shared/contracts/openapi.ts';

export const environment = z.object({ ISSUER_URL: z.url() });

/**
 * The API as OpenAPI 3.1, made once when the function is loaded.
 *
 * Requests: none.
 */
export function describeApi(options: OpenApiOptions) {
  const document = { ...openApiDocument(options) };
  return (): Promise<OpenApiDocument & Record<string, unknown>> => Promise.resolve(document);
}
