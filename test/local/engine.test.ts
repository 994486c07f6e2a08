import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProcess, waitUntilReady } from '../../infra/local/dynamodb/engine-process.ts';
import { scratchFolder } from '../../infra/local/scratch-folder.ts';
import { startEngine } from '../../infra/local/dynamodb/engine.ts';
import { createTables } from '../../infra/local/dynamodb/tables.ts';
import { clientFor, isDown, tableResource } from './database.ts';
import { ENGINES } from '../support/engines.ts';

let folder: string;

beforeEach(() => {
  folder = scratchFolder('memory');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const dynoxide = describe.skipIf(ENGINES[0].missing);

for (const { kind, missing, note } of ENGINES) {
  describe.skipIf(missing)(`${kind}${note}`, () => {
    it('keeps rows in a data folder and takes its tables up again', async () => {
      const dataFolder = join(folder, 'kept');
      const first = await startEngine({ kind, dataFolder });
      await createTables([tableResource('courses')], first.endpoint);
      const client = clientFor(first.endpoint);
      await client.send(
        new PutItemCommand({ TableName: 'courses', Item: { pk: { S: 'a' }, sk: { S: 'b' }, n: { N: '7' } } }),
      );
      client.destroy();
      await first.stop();
      expect(await isDown(first.endpoint)).toBe(true);

      const second = await startEngine({ kind, dataFolder });
      try {
        await createTables([tableResource('courses')], second.endpoint);
        const again = clientFor(second.endpoint);
        const { Item } = await again.send(
          new GetItemCommand({ TableName: 'courses', Key: { pk: { S: 'a' }, sk: { S: 'b' } } }),
        );
        again.destroy();
        expect(Item?.n).toEqual({ N: '7' });
      } finally {
        await second.stop();
      }
    }, 180_000);
  });
}

dynoxide('an engine', () => {
  it('ends with its parent, even one that is killed', async () => {
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    const script = join(import.meta.dirname, 'keep-engine.ts');
    const parent = spawn(process.execPath, ['--import', 'tsx', script, scratch], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const endpoint = String(line).trim();
    expect(await isDown(endpoint)).toBe(false);
    parent.kill('SIGKILL');
    await expect.poll(() => isDown(endpoint)).toBe(true);
    await expect.poll(() => existsSync(scratch)).toBe(false);
  });

  it('leaves no scratch folder when its whole group is asked to end', async () => {
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    const script = join(import.meta.dirname, 'keep-engine.ts');
    const parent = spawn(process.execPath, ['--import', 'tsx', script, scratch], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    await once(parent.stdout, 'data');
    process.kill(-(parent.pid ?? 0), 'SIGTERM');
    await expect.poll(() => existsSync(scratch)).toBe(false);
  });

  it('that runs already is used as it is and left alone', async () => {
    const running = await startEngine({ kind: 'dynoxide' });
    try {
      const engine = await startEngine({ kind: { endpoint: `${running.endpoint}/` } });
      expect(engine).toMatchObject({ name: 'external', endpoint: running.endpoint });
      await engine.stop();
      expect(await isDown(running.endpoint)).toBe(false);
    } finally {
      await running.stop();
    }
  });
});

describe('a program', () => {
  it('leaves no scratch folder when it is stopped, which may be asked twice', async () => {
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    const child = startProcess({ command: 'sleep', args: ['1000'], scratch, signal: 'KILL' });
    await child.stop();
    await child.stop();
    expect(child.failed()).toMatch(/exited/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves no scratch folder when it ends by itself', async () => {
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    const child = startProcess({ command: 'true', args: [], scratch, signal: 'KILL' });
    await expect.poll(() => child.failed()).toBeDefined();
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes away the scratch folders of runs that are gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const gone = join(folder, '..', `lockstep-run-${pid}-gone`);
    await mkdir(gone);
    const mine = scratchFolder('memory');
    expect([gone, folder, mine].map((path) => existsSync(path))).toEqual([false, true, true]);
    await rm(mine, { recursive: true });
  });

  it('that fails to start says what it printed', async () => {
    const child = startProcess({
      command: '/bin/sh',
      args: ['-c', 'echo no such luck >&2; exit 3'],
      signal: 'KILL',
    });
    const ready = waitUntilReady('http://127.0.0.1:1', { timeoutMs: 5_000, failed: child.failed });
    await expect(ready).rejects.toThrow(/did not start: it exited with 3: no such luck/);
    await child.stop();
  });

  it('that is missing says so', async () => {
    const child = startProcess({ command: join(folder, 'nothing'), args: [], signal: 'KILL' });
    const ready = waitUntilReady('http://127.0.0.1:1', { timeoutMs: 5_000, failed: child.failed });
    await expect(ready).rejects.toThrow(/did not start/);
    await child.stop();
  });
});
