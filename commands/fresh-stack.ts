import { startStack, type Stack, type StackOptions } from '../infra/local/stack.ts';
import { synthesise } from '../infra/synthesise.ts';

/** Synthesises the system as it stands in the working tree and runs it. */
export async function startFreshStack(options: Omit<StackOptions, 'assembly'> = {}): Promise<Stack> {
  const assembly = await synthesise();
  return startStack({ assembly, ...options });
}
