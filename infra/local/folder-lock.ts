import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './scratch-folder.ts';

/** A data folder that is this process's alone. */
export interface FolderLock {
  /** Holds the id of the process. The engine's keeper removes it when a killed process's engine has ended. */
  readonly file: string;
  release(): Promise<void>;
}

/** More than a keeper grants an engine to close its files. */
const LAST_ENGINE_MS = 15_000;

/**
 * Takes a data folder, as two engines on one file would corrupt it. Where the process that had it was killed,
 * waits for its engine to end.
 *
 * @throws Error when a process that runs has the folder
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = path.join(folder, 'lock');
  const deadline = performance.now() + LAST_ENGINE_MS;
  while (!(await create(file))) {
    const owner = await ownerOf(file);
    if (owner !== undefined && isRunning(owner)) {
      throw new Error(
        `Another school runs in ${folder} (process ${owner}). Stop it or use another folder; if none does, ` +
          `remove ${file}.`,
      );
    }
    // No keeper is left either: the machine went down.
    if (performance.now() > deadline) await rm(file, { force: true });
    await sleep(50);
  }
  return {
    file,
    async release() {
      if ((await ownerOf(file)) === process.pid) await rm(file, { force: true });
    },
  };
}

async function create(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function ownerOf(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
