import { startStack, type Stack, type StackOptions } from '../infra/local/stack.ts';
import { synthesise } from '../infra/synthesise.ts';

// The SDK's notice of the end of its support for Node 20 is for those who maintain this, not for those who run it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Synthesises the system as it stands in the working tree and runs it. */
export async function startFreshStack(options: Omit<StackOptions, 'assembly'> = {}): Promise<Stack> {
  const assembly = await synthesise();
  return startStack({ assembly, ...options });
}
