import { createHash, randomUUID } from 'node:crypto';
import type { Page, Route } from 'playwright-core';

/** Who can sign in, with the access token that the school takes. */
export interface Person {
  readonly userId: string;
  readonly accessToken: () => Promise<string>;
}

/** The pages on which people sign in, as a browser meets them: OpenID Connect, by authorization code with PKCE. */
export interface SignInProvider {
  /** What became of each request for tokens: the grant, and who got some. */
  readonly granted: readonly (readonly [grant: string, userId: string])[];
  /** Whose refresh tokens were revoked. */
  readonly revoked: readonly string[];
}

interface Asked {
  readonly userId: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

/** Stands for the provider in a page, at `authority`; every code and every refresh token counts once. */
export async function signInProvider(
  page: Page,
  { authority, clientId, people }: { authority: string; clientId: string; people: readonly Person[] },
): Promise<SignInProvider> {
  const granted: (readonly [string, string])[] = [];
  const revoked: string[] = [];
  const codes = new Map<string, Asked>();
  const refreshTokens = new Map<string, string>();

  const json = (route: Route, status: number, body: unknown) =>
    route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) });

  /** Each person is a link, and so is to leave it. */
  function signInPage(route: Route, asked: URLSearchParams): Promise<void> {
    const redirectUri = asked.get('redirect_uri') ?? '';
    const challenge = asked.get('code_challenge') ?? '';
    const isWhole =
      asked.get('client_id') === clientId &&
      asked.get('response_type') === 'code' &&
      asked.get('code_challenge_method') === 'S256' &&
      asked.get('prompt') === 'login';
    if (!isWhole) return json(route, 400, { error: 'invalid_request' });
    const back = (answer: Record<string, string>): string => {
      const address = new URL(redirectUri);
      address.search = new URLSearchParams({ ...answer, state: asked.get('state') ?? '' }).toString();
      return address.href.replaceAll('&', '&amp;');
    };
    const links = people.map(({ userId }) => {
      const code = randomUUID();
      codes.set(code, { userId, challenge, redirectUri });
      return `<p><a href="${back({ code })}">${userId}</a></p>`;
    });
    const leave = `<p><a href="${back({ error: 'access_denied', error_description: 'Nobody signed in' })}">Leave</a></p>`;
    return route.fulfill({
      contentType: 'text/html',
      body: `<h1>Who are you?</h1>${links.join('')}${leave}`,
    });
  }

  /** Whom a code or a refresh token is of; undefined for one that was used, or was not meant for who sent it. */
  function whoSent(sent: URLSearchParams): string | undefined {
    if (sent.get('grant_type') === 'refresh_token') {
      const token = sent.get('refresh_token') ?? '';
      const userId = refreshTokens.get(token);
      refreshTokens.delete(token);
      return userId;
    }
    const code = sent.get('code') ?? '';
    const asked = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256')
      .update(sent.get('code_verifier') ?? '')
      .digest('base64url');
    const isSame = asked?.challenge === challenge && asked.redirectUri === sent.get('redirect_uri');
    return isSame ? asked.userId : undefined;
  }

  async function giveTokens(route: Route, sent: URLSearchParams): Promise<void> {
    const userId = whoSent(sent);
    const person = people.find((each) => each.userId === userId);
    if (person === undefined) return json(route, 400, { error: 'invalid_grant' });
    granted.push([sent.get('grant_type') ?? '', person.userId]);
    const refreshToken = randomUUID();
    refreshTokens.set(refreshToken, person.userId);
    const now = Math.floor(Date.now() / 1000);
    // Nobody checks its signature: it comes straight from the provider.
    const claims = { iss: authority, aud: clientId, sub: person.userId, iat: now, exp: now + 3600 };
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    return json(route, 200, {
      token_type: 'Bearer',
      expires_in: 3600,
      access_token: await person.accessToken(),
      refresh_token: refreshToken,
      id_token: `${part({ alg: 'RS256' })}.${part(claims)}.${part('signature')}`,
    });
  }

  await page.route(`${authority}/**`, async (route) => {
    const request = route.request();
    const address = new URL(request.url());
    const sent = new URLSearchParams(request.postData() ?? '');
    switch (address.href.slice(authority.length).split('?')[0]) {
      case '/.well-known/openid-configuration':
        return json(route, 200, {
          issuer: authority,
          authorization_endpoint: `${authority}/authorize`,
          token_endpoint: `${authority}/token`,
          revocation_endpoint: `${authority}/revoke`,
          jwks_uri: `${authority}/keys`,
        });
      case '/authorize':
        return signInPage(route, address.searchParams);
      case '/token':
        return giveTokens(route, sent);
      case '/revoke': {
        const token = sent.get('token') ?? '';
        const userId = refreshTokens.get(token);
        refreshTokens.delete(token);
        if (userId !== undefined) revoked.push(userId);
        return json(route, 200, {});
      }
      default:
        return json(route, 404, {});
    }
  });
  return { granted, revoked };
}
