import { randomUUID } from 'node:crypto';
import { ExecutionEnvironment } from './execution-environment.ts';
import {
  failure,
  type FunctionLog,
  type FunctionSpec,
  type InvokeResult,
  MAX_PAYLOAD_BYTES,
} from './invocation.ts';

/** The execution environments of one function. */
export interface WorkerPool {
  /** Runs the function; waits for a free environment when `maxConcurrency` are busy. Never rejects. */
  invoke(event: unknown): Promise<InvokeResult>;
  /** Environments alive now, busy or idle. */
  size(): number;
  /** Ends all environments; what is running or queued gets `Invoker.Stopped`. */
  stop(): Promise<void>;
}

interface Waiting {
  readonly event: string;
  settle(result: InvokeResult): void;
}

/** A pool that starts empty, grows to `maxConcurrency` on demand and reuses environments as Lambda does. */
export function createWorkerPool(
  spec: FunctionSpec,
  maxConcurrency: number,
  onLog: (log: FunctionLog) => void,
): WorkerPool {
  const environments = new Set<ExecutionEnvironment>();
  const idle: ExecutionEnvironment[] = [];
  const queue: Waiting[] = [];
  let stopped = false;

  function takeEnvironment(): ExecutionEnvironment | undefined {
    // The most recently used one first, so that a quiet function keeps one warm environment.
    for (let candidate = idle.pop(); candidate !== undefined; candidate = idle.pop()) {
      if (candidate.alive) return candidate;
      environments.delete(candidate);
    }
    if (environments.size >= maxConcurrency) return undefined;
    const fresh = new ExecutionEnvironment(spec, onLog);
    environments.add(fresh);
    return fresh;
  }

  async function run(environment: ExecutionEnvironment, waiting: Waiting): Promise<void> {
    const result = await environment.run(randomUUID(), waiting.event);
    if (environment.alive && !stopped) idle.push(environment);
    else environments.delete(environment);
    waiting.settle(result);
    next();
  }

  function next(): void {
    while (queue.length > 0) {
      const environment = takeEnvironment();
      if (environment === undefined) return;
      const waiting = queue.shift();
      if (waiting === undefined) return;
      void run(environment, waiting);
    }
  }

  return {
    invoke(event) {
      if (stopped) return Promise.resolve(failure('Invoker.Stopped', 'The local runtime has stopped'));
      const text = JSON.stringify(event) ?? 'null';
      if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
        return Promise.resolve(
          failure('RequestEntityTooLargeException', `${Buffer.byteLength(text)} byte payload is too large`),
        );
      }
      return new Promise((settle) => {
        queue.push({ event: text, settle });
        next();
      });
    },
    size: () => [...environments].filter((environment) => environment.alive).length,
    async stop() {
      stopped = true;
      for (const waiting of queue.splice(0)) {
        waiting.settle(failure('Invoker.Stopped', 'The local runtime has stopped'));
      }
      await Promise.all([...environments].map((environment) => environment.terminate()));
      environments.clear();
    },
  };
}
