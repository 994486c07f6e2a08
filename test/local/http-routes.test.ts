import { describe, expect, it } from 'vitest';
import { matchMethod, matchPath, orderRoutes, parseRouteKey } from '../../infra/local/http/http-routes.ts';

function pick(keys: readonly string[], method: string, path: string): string | undefined {
  return orderRoutes(keys.map(parseRouteKey)).find(
    (route) => matchMethod(route, method) && matchPath(route, path) !== undefined,
  )?.routeKey;
}

describe('precedence', () => {
  // The table of the API Gateway developer guide, "Routing API requests".
  const guide = ['GET /pets/dog/1', 'GET /pets/dog/{id}', 'GET /pets/{proxy+}', 'ANY /{proxy+}', '$default'];
  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1'],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}'],
    ['GET', '/pets/cat/1', 'GET /pets/{proxy+}'],
    ['POST', '/test/5', 'ANY /{proxy+}'],
    ['POST', '/pets/dog/1', 'ANY /{proxy+}'],
    ['GET', '/', '$default'],
  ])('sends %s %s to %s, in whatever order the routes are declared', (method, path, expected) => {
    expect(pick(guide, method, path)).toBe(expected);
    expect(pick(guide.toReversed(), method, path)).toBe(expected);
  });

  it.each([
    ['a literal part before a variable', ['GET /a/{x}', 'GET /a/b'], 'GET', '/a/b', 'GET /a/b'],
    ['the literal part further left', ['GET /{x}/b', 'GET /a/{y}'], 'GET', '/a/b', 'GET /a/{y}'],
    ['a named method before ANY', ['ANY /a', 'GET /a'], 'GET', '/a', 'GET /a'],
    [
      'a full match before a greedy one with more literals',
      ['GET /a/{p+}', 'GET /{x}/b'],
      'GET',
      '/a/b',
      'GET /{x}/b',
    ],
    ['the longer of two greedy routes', ['GET /{p+}', 'GET /a/{p+}'], 'GET', '/a/b', 'GET /a/{p+}'],
    ['a greedy route before $default', ['$default', 'OPTIONS /{p+}'], 'OPTIONS', '/a', 'OPTIONS /{p+}'],
    [
      'another branch when the literal one ends',
      ['GET /a/b/c', 'GET /a/{x}/d'],
      'GET',
      '/a/b/d',
      'GET /a/{x}/d',
    ],
  ])('prefers %s', (_rule, keys, method, path, expected) => {
    expect(pick(keys, method, path)).toBe(expected);
    expect(pick(keys.toReversed(), method, path)).toBe(expected);
  });
});

describe('matching', () => {
  it.each([
    ['another method', 'GET /a', 'POST', '/a'],
    ['HEAD by a GET route', 'GET /a', 'HEAD', '/a'],
    ['a trailing slash', 'GET /a', 'GET', '/a/'],
    ['a doubled slash', 'GET /a', 'GET', '//a'],
    ['an empty variable', 'GET /a/{x}', 'GET', '/a/'],
    ['an empty greedy variable', 'GET /{p+}', 'GET', '/'],
    ['a longer path', 'GET /a/{x}', 'GET', '/a/b/c'],
    ['a path in other case', 'GET /a', 'GET', '/A'],
  ])('does not take %s', (_what, key, method, path) => {
    expect(pick([key], method, path)).toBeUndefined();
  });

  it('gives the values of variables, a greedy one with its slashes', () => {
    expect(matchPath(parseRouteKey('GET /me/{id}/files/{proxy+}'), '/me/ü 1/files/a/../b/')).toEqual({
      id: 'ü 1',
      proxy: 'a/../b/',
    });
  });

  it('gives a variable named __proto__ as a plain value', () => {
    const values = matchPath(parseRouteKey('GET /{__proto__}'), '/x');
    expect(Object.entries(values ?? {})).toEqual([['__proto__', 'x']]);
  });
});

describe('route keys', () => {
  it.each([
    'get /a',
    'GET',
    '/a',
    'GET a',
    'FETCH /a',
    'GET /a/',
    'GET /{p+}/a',
    'GET /a-{x}',
    'GET /{}',
    '$other',
  ])('refuses %s', (key) => {
    expect(() => parseRouteKey(key)).toThrow(key);
  });
});
