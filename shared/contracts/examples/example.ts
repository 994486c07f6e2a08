import type * as z from 'zod';
import type { Operation } from '../operation.ts';

/**
 * An operation as somebody calls it, and what comes back. All examples tell of one school, the sample that `npm start`
 * fills: they can be sent to it as they are.
 */
export type Example<O extends Operation> = Params<O['params']> &
  Body<O> & {
    /** What happens, in a sentence. */
    readonly story: string;
    readonly by: Caller;
    readonly query?: z.input<O['query']>;
    readonly follows?: Follows;
  } & (O extends { readonly media: string }
    ? { readonly reply?: undefined }
    : { readonly reply: z.input<O['reply']> });

/** The userId of the sample's person who calls, if any in particular. */
export type Caller = 'ben' | 'admin' | 'nobody';

/**
 * Where ids come from that the school gives, and which an example cannot know: by the name of what needs it, a JSON
 * pointer into the reply of the operation.
 */
export interface Follows {
  readonly operation: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
}

/** One example for each of a group of operations. */
export type Examples<Operations extends Readonly<Record<string, Operation>>> = {
  readonly [Name in keyof Operations]: Example<Operations[Name]>;
};

/** An example of whatever operation. */
export interface AnyExample {
  readonly story: string;
  readonly by: Caller;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  readonly reply?: unknown;
  readonly follows?: Follows;
}

type Params<Schema extends z.ZodObject> = keyof Schema['shape'] extends never
  ? { readonly params?: undefined }
  : { readonly params: z.input<Schema> };

type Body<O> = O extends { readonly body: infer Schema extends z.ZodType }
  ? { readonly body: z.input<Schema> }
  : { readonly body?: undefined };
