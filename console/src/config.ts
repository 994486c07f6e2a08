import * as z from 'zod';

const Address = z.string().min(1);

/** `config.json` beside the page: where the school is, and how people sign in. Addresses may be relative to the page. */
const Config = z.strictObject({
  apiUrl: Address,
  graphqlUrl: Address,
  signIn: z.discriminatedUnion('kind', [
    /** The issuer of this machine, which gives a token to whoever asks. */
    z.strictObject({ kind: z.literal('local'), url: Address }),
    /** OpenID Connect, by the authorization code with PKCE. */
    z.strictObject({ kind: z.literal('oidc'), authority: z.url(), clientId: z.string().min(1) }),
  ]),
});
export type Config = z.infer<typeof Config>;

/** What the file says, with whole addresses. `page` is the address of the page. @throws Error that says what is wrong */
export function readConfig(file: unknown, page: string): Config {
  const parsed = Config.safeParse(file);
  if (!parsed.success) throw new Error(`config.json is not valid: ${z.prettifyError(parsed.error)}`);
  const { apiUrl, graphqlUrl, signIn } = parsed.data;
  const whole = (address: string): string => new URL(address, page).href.replace(/\/$/, '');
  return {
    apiUrl: whole(apiUrl),
    graphqlUrl: whole(graphqlUrl),
    signIn: signIn.kind === 'local' ? { kind: 'local', url: whole(signIn.url) } : signIn,
  };
}
