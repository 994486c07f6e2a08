import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { type FunctionLog, type FunctionSpec, type InvokeResult, parsePayload } from './invocation.ts';

/**
 * Lambda gives the import of a function ten seconds, outside the function's own timeout; if that is not enough, it
 * begins anew within the timeout. Here it goes on, as a busy machine is no reason to begin anew.
 */
const INIT_TIMEOUT_MS = 10_000;

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('log'), stream: z.enum(['stdout', 'stderr']), line: z.string() }),
  z.object({ kind: z.literal('done'), requestId: z.string(), payload: z.string() }),
  z.object({
    kind: z.literal('failed'),
    requestId: z.string(),
    errorType: z.string(),
    errorMessage: z.string(),
  }),
  z.object({ kind: z.literal('crash'), errorType: z.string(), errorMessage: z.string() }),
]);

interface Running {
  readonly requestId: string;
  readonly event: string;
  settle(result: InvokeResult): void;
}

/**
 * One worker thread that runs one function, one invocation at a time. It sees only the environment variables
 * of its function and those that Lambda itself sets. It keeps the process alive only while it is busy.
 */
export class ExecutionEnvironment {
  readonly #spec: FunctionSpec;
  readonly #onLog: (log: FunctionLog) => void;
  readonly #worker: Worker;
  #ready = false;
  #alive = true;
  #running: Running | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(spec: FunctionSpec, onLog: (log: FunctionLog) => void) {
    this.#spec = spec;
    this.#onLog = onLog;
    this.#worker = new Worker(new URL('./function-worker.mjs', import.meta.url), {
      name: spec.name,
      env: {
        ...spec.environment,
        AWS_LAMBDA_FUNCTION_NAME: spec.name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
        LAMBDA_TASK_ROOT: spec.folder,
        _HANDLER: spec.handler,
      },
      workerData: {
        bundle: pathToFileURL(path.join(spec.folder, 'index.mjs')).href,
        exportName: spec.handler.split('.')[1] ?? 'handler',
        functionName: spec.name,
        functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${spec.name}`,
        memoryMb: spec.memoryMb,
      },
      // Without this a parent started by tsx would load its hooks in every worker.
      execArgv: [],
      argv: [],
      // Never read: what a function prints comes as messages. This keeps anything else off the console.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb },
    });
    this.#worker.on('message', (message: unknown) => this.#receive(message));
    this.#worker.on('error', (error: unknown) => this.#lose(error));
    this.#worker.on('exit', (code) => this.#exited(code));
    this.#worker.unref();
  }

  /** False once the worker crashed, timed out or was ended: it must not be given another invocation. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Runs one invocation; the event is JSON text. Must not be called while another one runs. Never rejects. */
  run(requestId: string, event: string): Promise<InvokeResult> {
    return new Promise((settle) => {
      this.#running = { requestId, event, settle };
      this.#worker.ref();
      if (this.#ready) this.#begin();
      else this.#startTimer(INIT_TIMEOUT_MS + this.#spec.timeoutSeconds * 1000);
    });
  }

  /** Ends the worker; a running invocation gets `Invoker.Stopped`. */
  async terminate(): Promise<void> {
    this.#fail('Invoker.Stopped', 'The local runtime has stopped');
    this.#alive = false;
    await this.#worker.terminate();
  }

  #begin(): void {
    const running = this.#running;
    if (running === undefined) return;
    const limit = this.#spec.timeoutSeconds * 1000;
    this.#startTimer(limit);
    this.#worker.postMessage({
      requestId: running.requestId,
      deadline: Date.now() + limit,
      event: running.event,
    });
  }

  #startTimer(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const seconds = (milliseconds / 1000).toFixed(2);
      const requestId = this.#running?.requestId ?? '';
      this.#alive = false;
      void this.#worker.terminate();
      this.#fail(
        'Sandbox.Timedout',
        `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
        true,
      );
    }, milliseconds);
  }

  #receive(message: unknown): void {
    const parsed = messageSchema.safeParse(message);
    if (!parsed.success) return;
    const { data } = parsed;
    switch (data.kind) {
      case 'ready':
        this.#ready = true;
        this.#begin();
        break;
      case 'log':
        this.#onLog({ logicalId: this.#spec.logicalId, stream: data.stream, line: data.line });
        break;
      case 'done':
        if (data.requestId === this.#running?.requestId) this.#settle(parsePayload(data.payload));
        break;
      case 'failed':
        if (data.requestId === this.#running?.requestId) this.#fail(data.errorType, data.errorMessage);
        break;
      case 'crash':
        this.#alive = false;
        this.#fail(data.errorType, data.errorMessage);
        break;
    }
  }

  /** An exception outside the handler, or the memory limit: the thread is gone. */
  #lose(error: unknown): void {
    this.#alive = false;
    const outOfMemory =
      error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (outOfMemory) {
      this.#fail('Runtime.OutOfMemory', 'Runtime exited with error: signal: killed (out of memory)');
    } else {
      this.#fail(
        error instanceof Error ? error.name : 'Error',
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  #exited(code: number): void {
    this.#alive = false;
    this.#fail('Runtime.ExitError', `Runtime exited with error: exit status ${code}`);
  }

  #fail(errorType: string, errorMessage: string, timedOut = false): void {
    this.#settle({ ok: false, errorType, errorMessage, timedOut });
  }

  #settle(result: InvokeResult): void {
    clearTimeout(this.#timer);
    const running = this.#running;
    this.#running = undefined;
    this.#worker.unref();
    running?.settle(result);
  }
}
