import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { scratchFolder } from '../scratch-folder.ts';
import { onFreePort, startProcess, waitUntilReady } from './engine-process.ts';
import type { EngineProcess } from './engine-process.ts';
import type { Engine } from './engine-process.ts';
import { hasExpectedRecordsTable, preparedDatabase } from './stream-index.ts';

export interface DynoxideOptions {
  /** The program to run; default the one of the npm package or the PATH. */
  readonly binary?: string | undefined;
  readonly dataFolder?: string | undefined;
  readonly lock?: string | undefined;
  readonly onWarning: (message: string) => void;
}

/**
 * Starts dynoxide on a database file of its own: in `dataFolder`, or in a scratch folder that goes with it.
 *
 * Use one folder in one run at a time; two engines on one file would corrupt it.
 */
export async function startDynoxide(options: DynoxideOptions): Promise<Engine> {
  const { binary = findDynoxide(), dataFolder, lock, onWarning } = options;
  if (binary === undefined) {
    throw new Error(
      'dynoxide is not available on this machine: npm has it for Linux on x64 only (@dynoxide/linux-x64). ' +
        'Put a dynoxide on the PATH, use DynamoDB Local (needs Java 17), or set DYNAMODB_ENDPOINT to a running one.',
    );
  }
  const indexable = await isIndexable(binary);
  if (!indexable) {
    onWarning(
      `The dynoxide at ${binary} keeps stream records in another form than 1.2.1: going on without the index, ` +
        'so streamed writes get slower as records add up.',
    );
  }
  if (dataFolder !== undefined) await mkdir(dataFolder, { recursive: true });
  return onFreePort(async (port) => {
    const scratch = dataFolder === undefined ? scratchFolder('memory') : undefined;
    const file = join(dataFolder ?? scratch ?? '.', 'dynoxide.db');
    if (indexable && !existsSync(file)) {
      // Whole or not at all: dynoxide does not start on half a file.
      await writeFile(`${file}.draft`, await preparedDatabase());
      await rename(`${file}.draft`, file);
    }
    const engine = await serve({ binary, file, port, scratch, lock });
    return { name: 'dynoxide', endpoint: `http://127.0.0.1:${port}`, stop: () => engine.stop() };
  });
}

/** Where the dynoxide program is: the npm package first, then the PATH. */
export function findDynoxide(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'dynoxide'));
  try {
    const manifest = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json');
    candidates.unshift(join(dirname(manifest), 'dynoxide'));
  } catch {
    // An optional dependency that npm skips on other platforms.
  }
  return candidates.find(isExecutable);
}

interface Served {
  readonly binary: string;
  readonly file: string;
  readonly port: number;
  readonly scratch?: string | undefined;
  readonly lock?: string | undefined;
}

async function serve({ binary, file, port, scratch, lock }: Served): Promise<EngineProcess> {
  const engine = startProcess({
    command: binary,
    args: ['--host', '127.0.0.1', '--port', String(port), '--db-path', file],
    scratch,
    lock,
    signal: scratch === undefined ? 'TERM' : 'KILL',
  });
  try {
    await waitUntilReady(`http://127.0.0.1:${port}`, { timeoutMs: 60_000, failed: engine.failed });
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

const indexability = new Map<string, Promise<boolean>>();

// The index leans on dynoxide's own tables, so a throw-away run shows first what this build makes by itself.
function isIndexable(binary: string): Promise<boolean> {
  const known = indexability.get(binary);
  if (known !== undefined) return known;
  const probed = probe(binary);
  indexability.set(binary, probed);
  return probed;
}

async function probe(binary: string): Promise<boolean> {
  const folder = scratchFolder('memory');
  const file = join(folder, 'probe.db');
  try {
    const engine = await onFreePort((port) => serve({ binary, file, port }));
    // The tables are in the write-ahead log until the engine closes the file.
    await engine.stop();
    return await hasExpectedRecordsTable(await readFile(file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
