import * as z from 'zod';
import type { Operation } from '../contracts/operation.ts';
import { apiAddress } from './api-address.ts';
import {
  createEdge,
  type EdgeOptions,
  type HttpHandler,
  type Parts,
  partsOf,
  type PublicCall,
  type Shape,
} from './http-edge.ts';

interface Reached {
  /** Of the API as the caller reached it, such as `https://api.example.org`: no slash at the end. */
  readonly address: string;
}

/** A request for a file. */
export type FileCall<O extends Operation> = PublicCall<O> & Reached;

/** A file: its name, of letters, digits, dots and dashes, and what is in it in base 64. */
export interface NamedFile {
  readonly name: string;
  readonly content: string;
}

/**
 * The edge of an operation that anyone may call and that replies with a file, to be shown rather than kept. As
 * `createPublicHandler` but for the reply; what the logic makes must not differ from call to call, or no entity tag
 * is ever met again.
 */
export function createFileHandler<P extends z.ZodObject, Q extends z.ZodObject>(
  operation: Shape<'public', P, Q, z.ZodUndefined, z.ZodBase64> & Required<Pick<Operation, 'media' | 'path'>>,
  handle: (call: Parts<P, Q, z.ZodUndefined> & Reached) => Promise<NamedFile>,
  options: EdgeOptions,
): HttpHandler {
  return createEdge(
    operation.method,
    options,
    (event, now) => handle({ ...partsOf(operation, event, now), address: apiAddress(event, operation.path) }),
    ({ name, content }) => ({
      body: z.parse(operation.reply, content),
      isBase64Encoded: true,
      headers: {
        'content-type': operation.media,
        'content-disposition': `inline; filename="${name}"`,
      },
    }),
  );
}
