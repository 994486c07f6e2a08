import { ErrorResponse, type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { SignInEnded } from './problems.ts';
import type { Identity, Role } from './session.ts';
import { type Token, tokenSource } from './token.ts';

/** Signing in by OpenID Connect, as two people at once: each role has a manager with stores of its own. */
export interface OidcSignIn {
  /** Who is signed in in a role, if anybody is. */
  identity(role: Role): Promise<Identity | undefined>;
  /** Leaves the page for the one where a person signs in. */
  begin(role: Role): Promise<void>;
  /** Takes what the page of the provider came back with, and takes it out of the address. */
  finish(): Promise<void>;
  signOut(role: Role): Promise<void>;
}

/** A token that ends sooner than this, in seconds, is not begun with. */
const LEAST_SECONDS = 60;

/** `page` is where the provider leads back to: one of the callback addresses of the client. */
export function oidcSignIn(authority: string, clientId: string, page: string): OidcSignIn {
  const manager = (role: Role): UserManager => {
    const kept = () =>
      new WebStorageStateStore({ store: window.sessionStorage, prefix: `lockstep.${role}.` });
    return new UserManager({
      authority,
      client_id: clientId,
      redirect_uri: page,
      response_type: 'code',
      scope: 'openid',
      // Whoever signed in last must not be signed in as the other one too.
      prompt: 'login',
      automaticSilentRenew: false,
      stateStore: kept(),
      userStore: kept(),
    });
  };
  const managers: Readonly<Record<Role, UserManager>> = {
    student: manager('student'),
    admin: manager('admin'),
  };

  // What was given once is asked for again because it ends, or because it was refused.
  const given = new Map<Role, string>();

  async function ask(role: Role): Promise<Token> {
    const known = await managers[role].getUser();
    const enough =
      known !== null && (known.expires_in ?? 0) > LEAST_SECONDS && known.access_token !== given.get(role);
    const user = enough ? known : await renewed(role, known?.refresh_token);
    if (user?.expires_at === undefined) throw signInEnded(role);
    given.set(role, user.access_token);
    return { accessToken: user.access_token, expiresAt: user.expires_at * 1000 };
  }

  async function renewed(role: Role, refreshToken: string | undefined): Promise<User | null> {
    if (refreshToken === undefined) throw signInEnded(role);
    return managers[role].signinSilent().catch((error: unknown) => {
      // The provider answered, and gives no other.
      throw error instanceof ErrorResponse ? signInEnded(role) : error;
    });
  }

  return {
    async identity(role) {
      const user = await managers[role].getUser();
      if (user === null || (user.expired === true && user.refresh_token === undefined)) return undefined;
      return { role, userId: user.profile.sub, token: tokenSource(() => ask(role)) };
    },
    begin: (role) => managers[role].signinRedirect({ url_state: role }),
    async finish() {
      const { search, pathname, hash, href } = window.location;
      const asked = new URLSearchParams(search);
      const [state, role] = asked.get('state')?.split(';') ?? [];
      if (state === undefined || (role !== 'student' && role !== 'admin')) return;
      try {
        await managers[role].signinRedirectCallback(href);
      } finally {
        // A code counts once: loading the page again must not offer it again.
        window.history.replaceState(null, '', `${pathname}${hash}`);
      }
    },
    async signOut(role) {
      await managers[role].revokeTokens(['refresh_token']).catch(() => undefined);
      await managers[role].removeUser();
    },
  };
}

function signInEnded(role: Role): SignInEnded {
  return new SignInEnded(`The sign-in of the ${role} has ended`);
}
