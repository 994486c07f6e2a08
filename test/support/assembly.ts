import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesise } from '../../infra/synthesise.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the cloud assembly, synthesised once for all tests. */
    assembly: string;
  }
}

/** Vitest's global setup: bundles and synthesises the system as it stands in the working tree. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lockstep-assembly-'));
  const assembly = await synthesise({
    outdir: path.join(folder, 'cdk.out'),
    dist: path.join(folder, 'dist'),
  });
  provide('assembly', assembly);
  return () => rm(folder, { recursive: true, force: true });
}
