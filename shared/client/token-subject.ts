/** Whose token it is: its `sub`. The token is not checked here, which the server does. @throws Error */
export function subjectOf(token: string): string {
  const claims: unknown = JSON.parse(decoded(token.split('.')[1] ?? ''));
  if (typeof claims === 'object' && claims !== null && 'sub' in claims && typeof claims.sub === 'string') {
    return claims.sub;
  }
  throw new Error('the token names nobody');
}

function decoded(base64url: string): string {
  const characters = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return new TextDecoder().decode(Uint8Array.from(characters, (character) => character.charCodeAt(0)));
}
