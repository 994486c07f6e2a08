import { accessSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new folder for what nobody keeps. `memory` for rows, where the system offers it, as every write is synced;
 * `disk` for what is large. Folders of runs that could not clean up, such as a process group killed at once, are
 * removed on the way.
 */
export function scratchFolder(where: 'memory' | 'disk'): string {
  const parent = (where === 'memory' ? ['/dev/shm'] : []).find(isWritable) ?? tmpdir();
  for (const name of readdirSync(parent)) {
    const owner = /^lockstep-run-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner)))
      // Again where what its engine still writes comes between.
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 5 });
  }
  return mkdtempSync(join(parent, `lockstep-run-${process.pid}-`));
}

/** Whether there is a process of this id. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
