// Started by engine.test.ts as a process of its own, to be killed: an engine, and a program with the scratch
// folder it is given.
import { startProcess } from '../../infra/local/dynamodb/engine-process.ts';
import { startEngine } from '../../infra/local/dynamodb/engine.ts';

const scratch = process.argv[2] ?? '';
startProcess({ command: 'sleep', args: ['1000'], scratch, signal: 'KILL' });
const engine = await startEngine({ kind: 'dynoxide' });
console.log(engine.endpoint);
setInterval(() => {}, 1_000);
