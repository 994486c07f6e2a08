import type { StaticFiles } from './static-files.ts';

/** Where the console is on this machine; on AWS it has an address of its own. */
export const CONSOLE_PAGE = '/console';

/** Where the school is, as seen from the page: so it works under whatever name the page was asked for. */
const CONFIG = {
  apiUrl: '/',
  graphqlUrl: '/graphql',
  signIn: { kind: 'local', url: '/local/token' },
};

/** What CloudFront sends with every page too; here everything is at one address. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    // The component library writes its variables, and sizes, into the page.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
};

/** The console, from the folder that it was built into. */
export function consolePage(folder: string): StaticFiles {
  return {
    prefix: CONSOLE_PAGE,
    folder,
    given: { 'config.json': JSON.stringify(CONFIG) },
    headers: HEADERS,
  };
}
