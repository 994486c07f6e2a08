import { rm } from 'node:fs/promises';
import path from 'node:path';
import { scratchFolder } from '../infra/local/scratch-folder.ts';
import { startStack, type Stack, type StackOptions } from '../infra/local/stack.ts';
import { synthesise } from '../infra/synthesise.ts';

// The SDK's notice of the end of its support for Node 20 is for those who maintain this, not for those who run it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/**
 * Synthesises the system as it stands in the working tree and runs it. The bundles are its own, so that two
 * stacks may start at once, and go when it stops. An assembly that is given is run as it is.
 */
export async function startFreshStack({
  assembly: given,
  ...options
}: Partial<StackOptions> = {}): Promise<Stack> {
  if (given !== undefined) return startStack({ ...options, assembly: given });
  const folder = scratchFolder('disk');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const assembly = await synthesise({
      outdir: path.join(folder, 'cdk.out'),
      dist: path.join(folder, 'dist'),
    });
    const stack = await startStack({ assembly, ...options });
    return { ...stack, stop: () => stack.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
