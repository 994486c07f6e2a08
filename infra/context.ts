import * as z from 'zod';

/** A list given as an array in cdk.json or as `a,b` on the command line. */
const List = z.union([z.array(z.string()), z.string().transform((text) => text.split(','))]);

/** What `cdk synth -c name=value` can set. */
export const Context = z
  .strictObject({
    /** Prefixes every name, so that two stages fit in one account. */
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9]{0,15}$/)
      .optional(),
    /** Another OIDC issuer whose access tokens the HTTP API takes, with the audiences it may be for. */
    issuer: z.url({ protocol: /^https?$/ }).optional(),
    audience: List.optional(),
    /** Rows that one aggregate is spread over. Never lower it where data is. */
    analyticsShards: z.coerce.number().int().min(1).max(16).default(4),
    /** Who gets the alarms by mail, once they have confirmed the first one. */
    alarmEmail: z.email().optional(),
    /** Where pages that call the API are served from. */
    webOrigins: List.default(['*']),
  })
  .refine((context) => (context.issuer === undefined) === (context.audience === undefined), {
    path: ['audience'],
    message: 'issuer and audience are given together',
  });
export type Context = z.infer<typeof Context>;
/** The context before its defaults. */
export type ContextInput = z.input<typeof Context>;
