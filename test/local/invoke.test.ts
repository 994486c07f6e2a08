import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInvoker, type Invoker } from '../../infra/local/lambda/invoke.ts';
import type { FunctionLog, FunctionSpec } from '../../infra/local/lambda/invocation.ts';
import { createWorkerPool } from '../../infra/local/lambda/worker-pool.ts';

let folder: string;
let invoker: Invoker | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lockstep-invoke-'));
});

afterEach(async () => {
  await invoker?.stop();
  invoker = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function functionOf(source: string, over: Partial<FunctionSpec> = {}): Promise<FunctionSpec> {
  await writeFile(path.join(folder, 'index.mjs'), source);
  return {
    logicalId: 'Fn',
    name: 'Fn',
    folder,
    handler: 'index.handler',
    environment: { TABLE: 'ledger' },
    timeoutSeconds: 5,
    memoryMb: 128,
    ...over,
  };
}

async function invoke(source: string, event: unknown = {}, over: Partial<FunctionSpec> = {}) {
  invoker = createInvoker({ functions: [await functionOf(source, over)] });
  return await invoker.invoke('Fn', event);
}

describe('what a function sees', () => {
  it('gives it its own environment and nothing of the process that runs it', async () => {
    process.env.LOCKSTEP_PARENT_SECRET = 'parent';
    const result = await invoke('export const handler = async () => process.env');
    delete process.env.LOCKSTEP_PARENT_SECRET;
    expect(result).toEqual({
      ok: true,
      payload: {
        TABLE: 'ledger',
        AWS_LAMBDA_FUNCTION_NAME: 'Fn',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        LAMBDA_TASK_ROOT: folder,
        _HANDLER: 'index.handler',
      },
    });
  });

  it("gives it Lambda's context", async () => {
    const result = await invoke(`export const handler = async (_, c) => ({ ...c,
      left: c.getRemainingTimeInMillis() })`);
    expect(result).toMatchObject({ ok: true, payload: { functionName: 'Fn', memoryLimitInMB: '128' } });
    const { left, awsRequestId } = (result as { payload: { left: number; awsRequestId: string } }).payload;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5000);
    expect(awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('passes events and answers through JSON', async () => {
    const result = await invoke(
      'export const handler = async (e) => ({ e, at: new Date(0), gone: undefined })',
      {
        a: 1,
        gone: undefined,
        at: new Date(0),
      },
    );
    expect(result).toEqual({
      ok: true,
      payload: { e: { a: 1, at: '1970-01-01T00:00:00.000Z' }, at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('answers null for a function that returns nothing', async () => {
    expect(await invoke('export const handler = async () => {}')).toEqual({ ok: true, payload: null });
  });
});

describe('what goes wrong in a function', () => {
  it('answers with the type and message of what it threw, and keeps its environment', async () => {
    const source = `let calls = 0; class Odd extends Error { name = 'Odd' }
      export const handler = async () => { calls += 1; if (calls === 1) throw new Odd('no'); return calls }`;
    expect(await invoke(source)).toEqual({
      ok: false,
      errorType: 'Odd',
      errorMessage: 'no',
      timedOut: false,
    });
    expect(await invoker?.invoke('Fn', {})).toEqual({ ok: true, payload: 2 });
  });

  it('ends an environment that overran its timeout, and starts a new one', async () => {
    const source = `let calls = 0;
      export const handler = async (e) => { calls += 1; while (e.spin); return calls }`;
    expect(await invoke(source, { spin: true }, { timeoutSeconds: 2 })).toEqual({
      ok: false,
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringContaining('Task timed out after 2.00 seconds'),
      timedOut: true,
    });
    expect(await invoker?.invoke('Fn', {})).toEqual({ ok: true, payload: 1 });
  });

  it('replaces an environment that ran out of memory', async () => {
    const source = `export const handler = async (e) => {
      const kept = []; while (e.hoard) kept.push(new Array(1e5).fill({})); return 'fine' }`;
    const result = await invoke(source, { hoard: true }, { memoryMb: 16, timeoutSeconds: 30 });
    expect(result).toMatchObject({ ok: false, errorType: 'Runtime.OutOfMemory', timedOut: false });
    expect(await invoker?.invoke('Fn', {})).toEqual({ ok: true, payload: 'fine' });
  });

  it('answers with an error when the function exits, throws outside its handler or rejects unheard', async () => {
    const source = `export const handler = (e) => new Promise(() => {
      if (e.how === 'exit') process.exit(3);
      if (e.how === 'throw') setTimeout(() => { throw new TypeError('late') });
      if (e.how === 'reject') Promise.reject(new Error('unheard'));
    })`;
    expect(await invoke(source, { how: 'exit' })).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
    expect(await invoker?.invoke('Fn', { how: 'throw' })).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'late',
    });
    expect(await invoker?.invoke('Fn', { how: 'reject' })).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'unheard',
    });
  });

  it('answers with an error when the bundle cannot be imported or has no such handler', async () => {
    expect(await invoke('throw new RangeError("at import")')).toMatchObject({
      ok: false,
      errorType: 'RangeError',
      errorMessage: 'at import',
    });
    await invoker?.stop();
    expect(await invoke('export const other = 1')).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });

  it('refuses an answer over 6 MB and one that is not JSON', async () => {
    const source = `export const handler = async (e) => e.big ? 'x'.repeat(7e6) : 1n`;
    expect(await invoke(source, { big: true })).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
    expect(await invoker?.invoke('Fn', {})).toMatchObject({ errorType: 'Runtime.MarshalError' });
  });
});

describe('concurrency', () => {
  const counting = `let busy = 0; let calls = 0;
    export const handler = async (e) => {
      busy += 1; calls += 1; const seen = busy;
      await new Promise((r) => setTimeout(r, e.ms)); busy -= 1; return { seen, calls } }`;

  it('never runs two invocations at once in one environment, and queues beyond its limit', async () => {
    const pool = createWorkerPool(await functionOf(counting), 2, () => undefined);
    const results = await Promise.all(Array.from({ length: 7 }, () => pool.invoke({ ms: 10 })));
    expect(results.every((r) => r.ok && (r.payload as { seen: number }).seen === 1)).toBe(true);
    expect(pool.size()).toBe(2);
    await pool.stop();
    expect(await pool.invoke({})).toMatchObject({ ok: false, errorType: 'Invoker.Stopped' });
  });

  it('uses the same environment again for one invocation after another', async () => {
    const pool = createWorkerPool(await functionOf(counting), 4, () => undefined);
    for (let i = 0; i < 5; i += 1) await pool.invoke({ ms: 0 });
    expect(pool.size()).toBe(1);
    expect(await pool.invoke({ ms: 0 })).toMatchObject({ payload: { calls: 6 } });
    await pool.stop();
  });

  it('answers what is running and queued when it is stopped', async () => {
    const pool = createWorkerPool(await functionOf(counting), 1, () => undefined);
    const pending = [pool.invoke({ ms: 60_000 }), pool.invoke({ ms: 60_000 })];
    await pool.stop();
    for (const result of await Promise.all(pending)) expect(result).toMatchObject({ ok: false });
  });
});

it('hands over what a function prints, line by line', async () => {
  const logs: FunctionLog[] = [];
  const source = `export const handler = async () => { console.log('one\\ntwo'); process.stderr.write('three') }`;
  invoker = createInvoker({ functions: [await functionOf(source)], onLog: (log) => logs.push(log) });
  await invoker.invoke('Fn', {});
  expect(logs.filter((log) => log.stream === 'stdout').map((log) => log.line)).toEqual(['one', 'two']);
  expect(logs.filter((log) => log.stream === 'stderr').map((log) => log.line)).toEqual(['three']);
  expect(logs[0]?.logicalId).toBe('Fn');
});

it('lets the process end while environments are idle', async () => {
  const spec = await functionOf('setInterval(() => {}, 1000); export const handler = async () => 1');
  const script = path.join(folder, 'run.ts');
  const module = path.resolve(import.meta.dirname, '../../infra/local/lambda/invoke.ts');
  await writeFile(
    script,
    `const { createInvoker } = await import(${JSON.stringify(module)});
     const invoker = createInvoker({ functions: [${JSON.stringify(spec)}] });
     console.log(JSON.stringify(await invoker.invoke('Fn', {})));`,
  );
  const run = promisify(execFile);
  const tsx = path.resolve(import.meta.dirname, '../../node_modules/tsx/dist/cli.mjs');
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  const { stdout } = await run(process.execPath, [tsx, script]);
  expect(JSON.parse(stdout)).toEqual({ ok: true, payload: 1 });
});

it('says so when it is asked for a function that the template does not have', async () => {
  invoker = createInvoker({ functions: [] });
  await expect(invoker.invoke('Nope', {})).rejects.toThrow('Nope');
});
