import * as z from 'zod';

/** The `CorsConfiguration` of an HTTP API. */
export const CorsConfiguration = z.object({
  AllowCredentials: z.boolean().default(false),
  AllowHeaders: z.array(z.string()).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowOrigins: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  MaxAge: z.number().optional(),
});
export type CorsConfiguration = z.infer<typeof CorsConfiguration>;

type HeaderLines = [name: string, value: string][];

/** The headers that answer a preflight request: none when the origin is not allowed. */
export function preflightHeaders(cors: CorsConfiguration, origin: string): HeaderLines {
  const lines = originHeaders(cors, origin);
  if (lines.length === 0) return [];
  if (cors.AllowMethods.length > 0) lines.push(['access-control-allow-methods', cors.AllowMethods.join(',')]);
  if (cors.AllowHeaders.length > 0) lines.push(['access-control-allow-headers', cors.AllowHeaders.join(',')]);
  if (cors.MaxAge !== undefined) lines.push(['access-control-max-age', String(cors.MaxAge)]);
  return lines;
}

/** The headers added to any other answer to a page of this origin: none when the origin is not allowed. */
export function crossOriginHeaders(cors: CorsConfiguration, origin: string): HeaderLines {
  const lines = originHeaders(cors, origin);
  if (lines.length > 0 && cors.ExposeHeaders.length > 0) {
    lines.push(['access-control-expose-headers', cors.ExposeHeaders.join(',')]);
  }
  return lines;
}

function originHeaders(cors: CorsConfiguration, origin: string): HeaderLines {
  const every = cors.AllowOrigins.includes('*');
  const allowed = every || cors.AllowOrigins.some((pattern) => allows(pattern, origin));
  if (!allowed) return [];
  const lines: HeaderLines = [['access-control-allow-origin', every ? '*' : origin]];
  if (cors.AllowCredentials) lines.push(['access-control-allow-credentials', 'true']);
  return lines;
}

function allows(pattern: string, origin: string): boolean {
  const [, scheme] = /^(https?:\/\/)\*$/.exec(pattern) ?? [];
  return scheme === undefined ? pattern === origin : origin.startsWith(scheme);
}
