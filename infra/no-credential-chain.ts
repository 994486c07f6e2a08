/**
 * Stands in for the SDK's chain of credential providers in the bundles. On Lambda credentials come from the
 * environment and `shared/store/documents.ts` passes them, so the chain (profiles, SSO, web identity, instance
 * metadata) would only be weight to load.
 */
export function defaultProvider() {
  return (): Promise<never> => Promise.reject(new Error('A client must be given its credentials'));
}
