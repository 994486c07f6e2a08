// One execution environment of one function: imports the bundle once, then handles one invocation at a time.
// Plain JavaScript, so that a worker starts without a TypeScript loader.
import { parentPort, workerData } from 'node:worker_threads';

const { bundle, exportName, functionName, functionArn, memoryMb } = workerData;

// Lines travel as messages, not through the worker's own streams: reading those would keep the parent process
// alive, and their lines would arrive after the answer they belong to.
const unfinished = { stdout: '', stderr: '' };

function print(stream, text) {
  const lines = (unfinished[stream] + text).split('\n');
  unfinished[stream] = lines.pop();
  for (const line of lines) parentPort.postMessage({ kind: 'log', stream, line });
}

function flush() {
  for (const stream of ['stdout', 'stderr']) if (unfinished[stream] !== '') print(stream, '\n');
}

for (const stream of ['stdout', 'stderr']) {
  process[stream].write = (chunk, encoding, callback) => {
    print(stream, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') queueMicrotask(done);
    return true;
  };
}

/** What Lambda reports for a thrown value. */
function describe(error) {
  if (error instanceof Error)
    return { errorType: error.name, errorMessage: error.message, stack: error.stack };
  const text = typeof error === 'string' ? error : JSON.stringify(error);
  return { errorType: typeof error, errorMessage: text ?? String(error) };
}

process.on('unhandledRejection', (reason) => {
  const { errorMessage, stack } = describe(reason);
  console.error(stack ?? errorMessage);
  parentPort.postMessage({ kind: 'crash', errorType: 'Runtime.UnhandledPromiseRejection', errorMessage });
  process.exit(1);
});

async function load() {
  const loaded = await import(bundle);
  if (typeof loaded[exportName] === 'function') return loaded[exportName];
  const error = new Error(`index.${exportName} is undefined or not exported`);
  error.name = 'Runtime.HandlerNotFound';
  throw error;
}

function context(requestId, deadline) {
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

let handler;
try {
  handler = await load();
  parentPort.postMessage({ kind: 'ready' });
} catch (error) {
  const { errorType, errorMessage, stack } = describe(error);
  console.error(stack ?? errorMessage);
  parentPort.postMessage({ kind: 'crash', errorType, errorMessage });
  process.exit(1);
}

parentPort.on('message', async ({ requestId, deadline, event }) => {
  try {
    const answer = handler(JSON.parse(event), context(requestId, deadline));
    // As on Lambda, only a promise is an answer: what a plain function returns is dropped.
    const payload = typeof answer?.then === 'function' ? await answer : undefined;
    let text;
    try {
      text = JSON.stringify(payload) ?? 'null';
    } catch (error) {
      error.name = 'Runtime.MarshalError';
      throw error;
    }
    flush();
    parentPort.postMessage({ kind: 'done', requestId, payload: text });
  } catch (error) {
    const { errorType, errorMessage, stack } = describe(error);
    console.error(stack ?? errorMessage);
    flush();
    parentPort.postMessage({ kind: 'failed', requestId, errorType, errorMessage });
  }
});
