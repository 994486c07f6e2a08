import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { schoolAt } from '../../commands/school.ts';
import { createApiClient } from '../../shared/client/api.ts';
import { expectInStep } from '../support/consistency.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { testEngine } from '../support/engines.ts';

let folder: string;
let started: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lockstep-crash-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) await end(child, 'SIGTERM');
  // The engine of a killed school ends a moment later.
  while (existsSync(path.join(folder, 'lock'))) await sleep(20);
  await rm(folder, { recursive: true, force: true });
});

/** `npm start -- --data`, in one process so that a signal meets it and not npm. */
function run(...flags: string[]) {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      'commands/start.ts',
      '--assembly',
      inject('assembly'),
      '--engine',
      testEngine,
      '--data',
      folder,
      '--empty',
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  started.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output };
}

async function start() {
  const { child, output } = run('--port', '0');
  for (;;) {
    const url = /API +(http\S+)/.exec(output())?.[1];
    if (url !== undefined) return { child, url, school: await schoolAt(url) };
    if (child.exitCode !== null) throw new Error(`The school did not start: ${output()}`);
    await sleep(20);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

describe('A school that keeps its data', () => {
  it('loses nothing that it has said yes to when it is killed, and counts nothing twice', async () => {
    const course = { courseId: 'crash' };
    const first = await start();
    const admin = createApiClient({ url: first.url, token: await first.school.token('admin', ['admin']) });
    await publish(admin, course.courseId, threeChapters());

    const accepted = new Map<string, number>();
    let running = first;
    for (const round of [1, 2]) {
      const { url, school, child } = running;
      const writing = Array.from({ length: 15 }, async (_, index) => {
        const userId = `learner-${round}-${index}`;
        const client = createApiClient({ url, token: await school.token(userId) });
        await client.call('enroll-directly', { params: course });
        accepted.set(userId, 0);
        await client.call('complete-chapter', { params: { ...course, chapterId: 'read' } });
        accepted.set(userId, 33);
        await client.call('complete-chapter', { params: { ...course, chapterId: 'watch' } });
        accepted.set(userId, 66);
      });
      const outcomes = Promise.allSettled(writing);
      while (accepted.size < round * 8) await sleep(1);
      await end(child, 'SIGKILL');
      expect((await outcomes).map((outcome) => outcome.status)).toContain('rejected');
      running = await start();
    }

    await expectInStep(running.school);
    for (const [userId, least] of accepted) {
      const client = createApiClient({ url: running.url, token: await running.school.token(userId) });
      const { body } = await client.call('get-student-dashboard');
      expect(body.enrollments[0]?.progress, userId).toBeGreaterThanOrEqual(least);
    }
  });

  it('has its folder and its port to itself, and leaves neither process nor lock behind', async () => {
    const { child, url } = await start();
    const again = run('--port', '0');
    const onThePort = run('--port', new URL(url).port, '--data', path.join(folder, 'other'));
    await Promise.all([once(again.child, 'exit'), once(onThePort.child, 'exit')]);
    expect(again.output()).toContain(`Another school runs in ${folder} (process ${child.pid})`);
    expect(onThePort.output()).toContain(`Port ${new URL(url).port} is taken`);
    expect([again.child.exitCode, onThePort.child.exitCode]).toEqual([1, 1]);

    // A Ctrl+C comes twice: from the terminal and from npm.
    child.kill('SIGINT');
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    expect(await readdir(folder)).not.toContain('lock');
    expect(await readdir(path.join(folder, 'other'))).not.toContain('lock');
    await start();
  });
});
