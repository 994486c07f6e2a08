import { expect, it } from 'vitest';
import { apiAddress } from '../../shared/runtime/api-address.ts';
import { HttpEventSchema } from '../../shared/runtime/http-request.ts';

const path = '/certificates/{code}/pdf';

function addressOf(rawPath: string, domainName: string, headers: Record<string, string> = {}) {
  const requestContext = { requestId: 'request-1', domainName };
  return apiAddress(HttpEventSchema.parse({ rawPath, headers, requestContext }), path);
}

it.each([
  ["API Gateway's own domain", '/certificates/X/pdf', 'a1.execute-api.eu-central-1.amazonaws.com', ''],
  ['a custom domain', '/certificates/X/pdf', 'api.example.org', ''],
  ['a base path of a custom domain', '/school/v1/certificates/X/pdf', 'api.example.org', '/school/v1'],
  ['a stage', '/dev/certificates/X/pdf', 'a1.execute-api.eu-central-1.amazonaws.com', '/dev'],
])('the address of the API is right on %s', (_, rawPath, domain, start) => {
  const headers = { host: domain, 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };
  expect(addressOf(rawPath, domain, headers)).toBe(`https://${domain}${start}`);
});

it('the address of the API has the port and scheme of a machine of one’s own', () => {
  const headers = { host: '127.0.0.1:4000', 'x-forwarded-proto': 'http' };
  expect(addressOf('/certificates/X/pdf', '127.0.0.1', headers)).toBe('http://127.0.0.1:4000');
  expect(addressOf('/certificates/X/pdf', '[::1]', { ...headers, host: '[::1]:80' })).toBe('http://[::1]:80');
});

it.each(['elsewhere.example', 'elsewhere.example:4000', 'api.example.org@elsewhere.example:1', ''])(
  'the address of the API is not what a caller claims: %j',
  (host) => {
    const headers = { host, 'x-forwarded-host': host, 'x-forwarded-proto': 'gopher' };
    expect(addressOf('/certificates/X/pdf', 'api.example.org', headers)).toBe('https://api.example.org');
  },
);
