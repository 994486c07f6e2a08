import * as z from 'zod';
import type { DomainErrorCode } from '../domain/errors.ts';
import { CourseId } from './fields.ts';

/** Who may call an operation: anyone, any signed-in person (about themselves), or the group `admin`. */
export type Audience = 'public' | 'student' | 'admin';

/** One operation of the HTTP API. The routes, the handlers' types, the checks and the OpenAPI document come from it. */
export interface Operation {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: `/${string}`;
  readonly audience: Audience;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** Missing where the operation takes no body. */
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
  /** Of a reply that is a file: then `reply` is the schema of the file's content in base 64. */
  readonly media?: 'application/pdf';
  /** The body is handed on as it came: its signature is over the bytes. `body` only describes it. */
  readonly rawBody?: true;
  /** Of a raw body: the header that its signature is in. */
  readonly signature?: string;
  /** Refusals beyond those of the edge (invalid_request, unauthenticated, forbidden, busy). */
  readonly errors: readonly DomainErrorCode[];
}

/** No parameters, or no query. */
export const none = z.strictObject({});
/** The query of a paged view. */
export const page = z.strictObject({
  cursor: z.string().max(2000).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
/** The parameters of what concerns one course. */
export const course = z.strictObject({ courseId: CourseId });
