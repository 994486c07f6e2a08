/** A route key taken apart: `GET /me/courses/{courseId}`, `ANY /files/{proxy+}` or `$default`. */
export interface RoutePattern {
  readonly routeKey: string;
  /** An upper-case method, or `ANY`. */
  readonly method: string;
  /** `undefined` for `$default`, which takes every path. */
  readonly segments: readonly Segment[] | undefined;
}

interface Segment {
  readonly kind: 'static' | 'variable' | 'greedy';
  /** The literal text, or the variable's name. */
  readonly text: string;
}

const methods = new Set(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/** Takes a route key apart. Throws when API Gateway would refuse to create such a route. */
export function parseRouteKey(routeKey: string): RoutePattern {
  if (routeKey === '$default') return { routeKey, method: 'ANY', segments: undefined };
  const parts = /^([A-Z]+) (\/.*)$/.exec(routeKey);
  const method = parts?.[1];
  const path = parts?.[2];
  if (method === undefined || path === undefined || !methods.has(method)) {
    throw new Error(`Not a route key: '${routeKey}'`);
  }
  if (path !== '/' && path.endsWith('/')) throw new Error(`A route may not end in '/': '${routeKey}'`);
  const segments = split(path).map((text) => parseSegment(text, routeKey));
  const greedyAt = segments.findIndex((segment) => segment.kind === 'greedy');
  if (greedyAt !== -1 && greedyAt !== segments.length - 1) {
    throw new Error(`A greedy variable must be the last part of a route: '${routeKey}'`);
  }
  return { routeKey, method, segments };
}

/**
 * Puts routes in the order in which API Gateway tries them: full matches, then greedy ones, then `$default`;
 * among equals a literal part before a variable from the left, then a named method before `ANY`. The first
 * that matches is the route.
 */
export function orderRoutes<Route extends RoutePattern>(routes: readonly Route[]): Route[] {
  return [...routes].sort(
    (a, b) =>
      breadth(a) - breadth(b) ||
      compareSegments(a, b) ||
      Number(a.method === 'ANY') - Number(b.method === 'ANY'),
  );
}

/**
 * The values of the path variables when the route takes this path, else undefined. `path` is decoded, as
 * API Gateway decodes before it looks for a route: an encoded slash separates parts like a plain one.
 */
export function matchPath(route: RoutePattern, path: string): Readonly<Record<string, string>> | undefined {
  if (route.segments === undefined) return {};
  const parts = split(path);
  const greedy = route.segments.at(-1)?.kind === 'greedy';
  if (greedy ? parts.length < route.segments.length : parts.length !== route.segments.length)
    return undefined;
  const values: [string, string][] = [];
  for (const [index, segment] of route.segments.entries()) {
    const part = segment.kind === 'greedy' ? parts.slice(index).join('/') : parts[index];
    if (part === undefined) return undefined;
    if (segment.kind === 'static') {
      if (part !== segment.text) return undefined;
    } else {
      if (part === '') return undefined;
      values.push([segment.text, part]);
    }
  }
  return Object.fromEntries(values);
}

/** Whether the route takes this method. A GET route does not take HEAD. */
export function matchMethod(route: RoutePattern, method: string): boolean {
  return route.method === 'ANY' || route.method === method;
}

function split(path: string): string[] {
  return path.slice(1).split('/');
}

function parseSegment(text: string, routeKey: string): Segment {
  const name = /^\{([A-Za-z0-9._-]+)(\+?)\}$/.exec(text);
  if (name?.[1] !== undefined) return { kind: name[2] === '+' ? 'greedy' : 'variable', text: name[1] };
  if (/[{}]/.test(text)) throw new Error(`A variable must be a whole part of the path: '${routeKey}'`);
  return { kind: 'static', text };
}

function breadth(route: RoutePattern): number {
  if (route.segments === undefined) return 2;
  return route.segments.at(-1)?.kind === 'greedy' ? 1 : 0;
}

const kindRank = { static: 0, variable: 1, greedy: 2 } as const;

function compareSegments(a: RoutePattern, b: RoutePattern): number {
  const left = a.segments ?? [];
  const right = b.segments ?? [];
  for (const [index, segment] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 0;
    const difference = kindRank[segment.kind] - kindRank[other.kind];
    if (difference !== 0) return difference;
  }
  return 0;
}
