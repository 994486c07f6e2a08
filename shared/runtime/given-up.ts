import * as z from 'zod';

/** Records that a stream mapping gave up, as Lambda leaves them in S3. */
export interface GivenUp {
  /** The name of the function that failed on them. */
  readonly functionName: string;
  readonly reason: string;
  readonly at: Date;
  readonly records: readonly {
    /** Physical name of the table. */
    readonly table: string;
    readonly eventId: string;
    /** The record as the function got it. */
    readonly raw: unknown;
  }[];
}

/**
 * Reads an object of a mapping's failure destination in S3: what is known of the last invocation, and in `payload`
 * the whole event as JSON text.
 *
 * @returns why in words that quote nothing of the object, where it is none
 */
export function readGivenUp(text: string): GivenUp | string {
  const { data, error } = LeftByLambda.safeParse(text);
  if (data === undefined) {
    const wrong = error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || '(object)'} ${issue.code}`);
    return `malformed: ${wrong.join(', ')}`;
  }
  const { requestContext, timestamp, payload } = data;
  const { condition, functionArn, approximateInvokeCount: tries } = requestContext;
  return {
    functionName: functionArn,
    reason: `gave up after ${tries} ${tries === 1 ? 'try' : 'tries'}: ${condition}`,
    at: timestamp,
    records: payload.Records.map((raw) => ({
      table: /:table\/([^/]+)/.exec(raw.eventSourceARN)?.[1] ?? raw.eventSourceARN,
      eventId: raw.eventID,
      raw,
    })),
  };
}

const Json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

/** The part of an ARN that a pattern takes out. */
const partOf = (pattern: RegExp) =>
  z
    .string()
    .regex(pattern)
    .transform((arn) => pattern.exec(arn)?.[1] ?? arn);

const StreamEvent = z.object({
  Records: z
    .array(
      z.looseObject({
        eventID: z.string().min(1),
        eventSourceARN: z.string().regex(/:table\/[^/]+/),
      }),
    )
    .min(1),
});

const LeftByLambda = Json.pipe(
  z.object({
    requestContext: z.object({
      functionArn: partOf(/:function:([^:]+)/),
      condition: z.string().min(1).max(100),
      // None where the records were too old before the function was called.
      approximateInvokeCount: z.int().min(0).default(0),
    }),
    timestamp: z.iso.datetime().transform((text) => new Date(text)),
    payload: Json.pipe(StreamEvent),
  }),
);
