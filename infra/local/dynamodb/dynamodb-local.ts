import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { scratchFolder } from '../scratch-folder.ts';
import { onFreePort, startProcess, waitUntilReady } from './engine-process.ts';
import type { Engine } from './engine-process.ts';

const LEAST_JAVA = 17;
let javaMajor: number | undefined;

/** Whether a Java that can run DynamoDB Local is on the PATH. Asked once a process. */
export function javaAvailable(): boolean {
  javaMajor ??= readJavaMajor();
  return javaMajor >= LEAST_JAVA;
}

/**
 * Starts AWS's DynamoDB Local, in memory or on `dataFolder`.
 *
 * It listens on all interfaces of the machine and offers no option against that.
 */
export async function startDynamoDbLocal(options: {
  readonly dataFolder?: string | undefined;
  readonly lock?: string | undefined;
}): Promise<Engine> {
  const { dataFolder, lock } = options;
  if (!javaAvailable()) {
    throw new Error(
      `DynamoDB Local needs Java ${LEAST_JAVA} or later on the PATH. Install it, use dynoxide, or set ` +
        'DYNAMODB_ENDPOINT to a running one.',
    );
  }
  if (dataFolder !== undefined) await mkdir(dataFolder, { recursive: true });
  const emulator = findEmulator();
  return onFreePort(async (port) => {
    const endpoint = `http://127.0.0.1:${port}`;
    // It writes a metadata file into its working folder even when it runs in memory.
    const scratch = scratchFolder('memory');
    const engine = startProcess({
      command: 'java',
      args: [
        // Half a second faster to start on two cores, and as fast for the sizes of tests.
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        `-Djava.library.path=${join(emulator, 'DynamoDBLocal_lib')}`,
        '-jar',
        join(emulator, 'DynamoDBLocal.jar'),
        ...(dataFolder === undefined ? ['-inMemory'] : ['-dbPath', dataFolder]),
        // Else every access key would see tables of its own.
        '-sharedDb',
        '-port',
        String(port),
        '-disableTelemetry',
      ],
      cwd: scratch,
      scratch,
      lock,
      signal: dataFolder === undefined ? 'KILL' : 'TERM',
    });
    try {
      await waitUntilReady(endpoint, { timeoutMs: 60_000, failed: engine.failed });
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return { name: 'dynamodb-local', endpoint, stop: () => engine.stop() };
  });
}

function findEmulator(): string {
  const manifest = createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json');
  return join(dirname(manifest), 'emulator');
}

function readJavaMajor(): number {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = /version "(?:1\.)?(\d+)/.exec(stderr ?? '');
  return Number(version?.[1] ?? 0);
}
