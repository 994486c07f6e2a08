import { describe, expect, it } from 'vitest';
import { readConfig } from '../../console/src/config.ts';
import { hashOf, parseRoute } from '../../console/src/address.ts';

const oidc = { kind: 'oidc', authority: 'https://login.example/pool', clientId: 'pages' };

describe('config.json', () => {
  it('may give addresses as seen from the page', () => {
    const file = {
      apiUrl: '/',
      graphqlUrl: '/graphql',
      signIn: { kind: 'local', url: '/local/token' },
    };
    expect(readConfig(file, 'http://localhost:4000/console/#/school')).toEqual({
      apiUrl: 'http://localhost:4000',
      graphqlUrl: 'http://localhost:4000/graphql',
      signIn: { kind: 'local', url: 'http://localhost:4000/local/token' },
    });
  });

  it('may give addresses elsewhere, in the same shape', () => {
    const file = {
      apiUrl: 'https://api.example',
      graphqlUrl: 'https://id.appsync-api.eu-west-1.amazonaws.com/graphql',
      signIn: oidc,
    };
    expect(readConfig(file, 'https://console.example/')).toEqual(file);
  });

  it.each([
    [{ graphqlUrl: '/graphql', signIn: oidc }, 'apiUrl'],
    [{ apiUrl: '/', graphqlUrl: '/graphql', signIn: { kind: 'basic' } }, 'signIn'],
    [{ apiUrl: '/', graphqlUrl: '/graphql', signIn: { ...oidc, authority: 'pool' } }, 'authority'],
  ])('is refused as %j, by the name of the field', (file, field) => {
    expect(() => readConfig(file, 'https://console.example/')).toThrow(field);
  });
});

describe('The address of a page', () => {
  it.each([
    ['', { page: 'school' }],
    ['#/', { page: 'school' }],
    ['#/nowhere', { page: 'school' }],
    ['#/jobs', { page: 'jobs' }],
    ['#/matrix?student=ada&course=heart', { page: 'matrix', student: 'ada', course: 'heart' }],
    ['#/school?student=', { page: 'school' }],
  ])('%j leads to %j', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it('leads back to what it was made of', () => {
    const route = { page: 'school', student: 'ada&b', course: 'a b' } as const;
    expect(parseRoute(hashOf(route))).toEqual(route);
  });
});
