import { availableParallelism } from 'node:os';
import type { FunctionLog, FunctionSpec, InvokeResult } from './invocation.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

/** Runs the functions of the template, as Lambda's synchronous invoke does. */
export interface Invoker {
  /** Never rejects for what a function does; throws when the template has no function of this name. */
  invoke(functionName: string, event: unknown): Promise<InvokeResult>;
  /** Ends every worker. Running and queued invocations are answered with `Invoker.Stopped`. */
  stop(): Promise<void>;
}

/** `maxConcurrency`: environments per function (default: one per core, 2 at least); more invocations than that wait in a queue. */
export interface InvokerOptions {
  readonly functions: readonly FunctionSpec[];
  readonly maxConcurrency?: number;
  /** Receives every line that a function prints. Without it the lines are dropped. */
  readonly onLog?: (log: FunctionLog) => void;
}

/** No worker is started before its function's first invocation. */
export function createInvoker(options: InvokerOptions): Invoker {
  const pools = new Map<string, WorkerPool>();
  for (const spec of options.functions) {
    pools.set(
      spec.name,
      createWorkerPool(
        spec,
        options.maxConcurrency ?? Math.max(2, availableParallelism()),
        options.onLog ?? (() => undefined),
      ),
    );
  }
  return {
    async invoke(functionName, event) {
      const pool = pools.get(functionName);
      if (pool === undefined) throw new Error(`The template has no function ${functionName}`);
      return await pool.invoke(event);
    },
    async stop() {
      await Promise.all([...pools.values()].map((pool) => pool.stop()));
    },
  };
}
