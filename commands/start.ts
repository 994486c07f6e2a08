import { Command, InvalidArgumentError, Option } from 'commander';
import { buildConsole, consoleFolder } from '../infra/build-console.ts';
import type { EngineKind } from '../infra/local/dynamodb/engine.ts';
import { startFreshStack } from './fresh-stack.ts';
import { schoolOf } from './school.ts';
import { fillSampleSchool } from './start/sample-school.ts';
import { welcome } from './start/welcome.ts';

interface Flags {
  readonly port: number;
  readonly data?: string;
  readonly engine: 'dynoxide' | 'dynamodb-local';
  readonly assembly?: string;
  readonly empty?: true;
  readonly verbose?: true;
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('It must be a port, 0 for a free one.');
  }
  return number;
}

async function start(flags: Flags): Promise<void> {
  const started = performance.now();
  const endpoint = process.env.DYNAMODB_ENDPOINT;
  const engine: EngineKind = endpoint === undefined ? flags.engine : { endpoint };
  const built = buildConsole();
  // Waited for below; until then nobody may be told that it failed.
  built.catch(() => undefined);
  const stack = await startFreshStack({
    engine,
    console: consoleFolder,
    port: flags.port,
    ...(flags.assembly !== undefined && { assembly: flags.assembly }),
    ...(flags.data !== undefined && { dataFolder: flags.data }),
    onWarning: (message) => console.error(message),
    ...(flags.verbose && { onFunctionLog: ({ logicalId, line }) => console.error(`${logicalId}: ${line}`) }),
    onStreamEvent: (mapping, event) => {
      if (event.kind === 'problem') console.error(`${mapping}: ${event.text}`);
    },
  });
  // npm passes a Ctrl+C on that this process got already: the second must not cut short what the first began.
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stack.stop().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  const school = schoolOf(stack);
  if (!flags.empty) await fillSampleSchool(school);
  await built.catch((error: unknown) => console.error(`The console could not be built: ${String(error)}`));
  console.log(await welcome(school, stack.engineName, performance.now() - started));
}

const program = new Command('npm start --')
  .description('Runs the whole school on this machine, from the same template and bundles that go to AWS.')
  .option('--port <port>', 'where to listen, 0 for a free port', port, 4000)
  .option('--data <folder>', 'keep the school in this folder; without it the school is gone when it stops')
  .option('--assembly <folder>', 'run what `npm run synth` left there (cdk.out) instead of the working tree')
  .addOption(
    new Option('--engine <name>', 'the database; DYNAMODB_ENDPOINT names any other')
      .choices(['dynoxide', 'dynamodb-local'])
      .default('dynoxide'),
  )
  .option('--empty', 'without the sample courses and students')
  .option('--verbose', 'print what the functions log')
  .action(start);

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
