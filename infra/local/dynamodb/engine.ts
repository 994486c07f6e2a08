import { startDynamoDbLocal } from './dynamodb-local.ts';
import { startDynoxide } from './dynoxide.ts';
import { type Engine, waitUntilReady } from './engine-process.ts';

/** Which database to run: a bundled one, or one that already runs at an address. */
export type EngineKind = 'dynoxide' | 'dynamodb-local' | { readonly endpoint: string };

export interface EngineOptions {
  readonly kind: EngineKind;
  /** Keeps the rows in this folder over restarts. Without it they live as long as the engine. */
  readonly dataFolder?: string;
  /** A file to remove when a bundled engine has ended, even one whose parent was killed. */
  readonly lock?: string | undefined;
  readonly onWarning?: (message: string) => void;
}

/** What to say to an engine directly: it checks no signature, but keeps separate tables by key and region. */
export const ENGINE_ACCESS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

/**
 * Starts a database on a free port of this machine and resolves once it answers.
 *
 * @throws Error that says what to install or set when the engine cannot run here.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { kind, dataFolder, lock, onWarning = (message) => console.warn(message) } = options;
  if (kind === 'dynoxide') return startDynoxide({ dataFolder, lock, onWarning });
  if (kind === 'dynamodb-local') return startDynamoDbLocal({ dataFolder, lock });
  const endpoint = kind.endpoint.replace(/\/+$/, '');
  await waitUntilReady(endpoint, { timeoutMs: 10_000, failed: () => undefined });
  return { name: 'external', endpoint, stop: async () => {} };
}
