import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running database that speaks the DynamoDB and DynamoDB Streams protocols at `endpoint`. */
export interface Engine {
  readonly name: 'dynoxide' | 'dynamodb-local' | 'external';
  /** Without a trailing slash, for example `http://127.0.0.1:23456`. */
  readonly endpoint: string;
  /** Ends the process and removes its scratch files; an external engine is left alone. May be called twice. */
  stop(): Promise<void>;
}

/** A child process that cannot outlive this one. */
export interface EngineProcess {
  /** Why the process is gone, with the end of what it printed; undefined while it runs. */
  failed(): string | undefined;
  stop(): Promise<void>;
}

export interface EngineProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** A folder that is removed after the process has ended, however it ended. */
  readonly scratch?: string | undefined;
  /** A file that is removed likewise: what it locks is free once the process has ended. */
  readonly lock?: string | undefined;
  /** KILL for rows nobody wants back, TERM where the engine should close its files. */
  readonly signal: 'KILL' | 'TERM';
}

// The shell holds the engine, because only something outside this process can clean up after it is killed. The
// pipe on stdin ends with this process, whatever ended it. INT and HUP are ignored: a Ctrl-C reaches the whole
// group, and the engine must serve until this process has finished its own shutdown. PIPE is ignored because the
// shell reports the killed engine to a reader that may be gone, and still has to remove the scratch folder.
const WATCHED = `
trap '' INT HUP PIPE
exec 3<&0
"$@" 3<&- </dev/null & engine=$!
trap 'kill -"$STOP_SIGNAL" "$engine" 2>/dev/null' TERM
( read -r _ <&3; kill -"$STOP_SIGNAL" "$engine"; sleep 5; kill -KILL "$engine" ) >/dev/null 2>&1 & watcher=$!
wait "$engine"; status=$?
while kill -0 "$engine" 2>/dev/null; do wait "$engine"; status=$?; done
kill "$watcher" 2>/dev/null
if [ -n "$SCRATCH" ]; then rm -rf -- "$SCRATCH"; fi
if [ -n "$LOCK" ]; then rm -f -- "$LOCK"; fi
exit $status`;

/** Starts `command` so that it ends, and its scratch folder goes, when this process ends. */
export function startProcess(options: EngineProcessOptions): EngineProcess {
  const { command, args, scratch, lock, signal } = options;
  const watched = process.platform !== 'win32';
  const child = spawn(
    watched ? '/bin/sh' : command,
    watched ? ['-c', WATCHED, 'sh', command, ...args] : [...args],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, STOP_SIGNAL: signal, SCRATCH: scratch ?? '', LOCK: lock ?? '' },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    },
  );
  let output = '';
  let reason: string | undefined;
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => {});
  child.on('error', (error) => (reason = error.message));
  const ended = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    // Not 'exit', which can come before the last of what was printed.
    child.on('close', (code, by) => {
      reason ??= `it exited with ${by ?? code ?? 'no status'}: ${output.trim()}`;
      resolve();
    });
  });
  const removeScratch = () => {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  };
  const onExit = () => {
    if (!watched) child.kill();
  };
  process.once('exit', onExit);
  // The engine must not keep the event loop alive: a script that forgot to stop it should still end.
  const sockets = [child.stdout, child.stderr, child.stdin].filter((stream) => stream instanceof Socket);
  for (const it of [child, ...sockets]) it.unref();
  return {
    failed: () => reason,
    stop: async () => {
      process.removeListener('exit', onExit);
      for (const it of [child, ...sockets]) it.ref();
      if (watched) child.stdin.end();
      else child.kill();
      await ended;
      removeScratch();
    },
  };
}

/**
 * Starts a server on a free port, and again on another one when something else took the port in between.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 4 || !/in use|already/i.test(String(error))) throw error;
    }
  }
}

/** Polls with a request until the engine at `endpoint` answers. */
export async function waitUntilReady(
  endpoint: string,
  options: { readonly timeoutMs: number; readonly failed: () => string | undefined },
): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const failed = options.failed();
    if (failed !== undefined) throw new Error(`The database at ${endpoint} did not start: ${failed}`);
    if (await answers(endpoint)) return;
    if (performance.now() > deadline) throw new Error(`No database answers at ${endpoint}`);
    await sleep(5);
  }
}

// Below the range the system gives to outgoing connections, so that none of those takes the port before the
// engine binds it; at random, so that two runs at the same moment do not meet.
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      // All interfaces: DynamoDB Local binds them all.
      server.listen(port, () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const reply = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.ListTables',
        'x-amz-date': '20250101T000000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: '{"Limit":1}',
      signal: AbortSignal.timeout(5_000),
    });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}
