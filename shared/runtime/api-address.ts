import type { HttpEvent } from './http-request.ts';

/**
 * The address of the API as the caller reached it, without a slash at the end: by its custom domain where there is
 * one, with whatever its paths begin with there, and with the port that only a machine of one's own has.
 *
 * @param path the operation's, such as `/certificates/{code}/pdf`: what the path of the request ends with
 */
export function apiAddress(event: HttpEvent, path: string): string {
  const { headers, rawPath, requestContext } = event;
  const { domainName } = requestContext;
  // The domain's name has been routed by; of what the caller wrote only the port is taken.
  const port = /:\d+$/.exec(headers.host ?? '')?.[0] ?? '';
  const host = headers.host === domainName + port ? headers.host : domainName;
  const scheme = headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
  const segments = rawPath.split('/');
  const start = segments.slice(0, Math.max(0, segments.length - path.split('/').length + 1));
  return `${scheme}://${host}${start.join('/')}`;
}
