import { App } from 'aws-cdk-lib/core';
import * as z from 'zod';
import { buildConsole } from './build-console.ts';
import { bundle } from './bundle.ts';
import { Context, type ContextInput } from './context.ts';
import { LockstepStack } from './stacks/lockstep-stack.ts';

export interface SynthesiseOptions {
  /** Where the cloud assembly goes; where the CDK CLI says, or `cdk.out`, by default. */
  readonly outdir?: string;
  readonly context?: ContextInput;
  /** The folder that holds `functions/`; the repository by default. */
  readonly root?: string;
  /** Where the bundles go; `dist` by default. */
  readonly dist?: string;
  /** Whether CDK checks the template against CloudFormation's own rules. Takes longer than all the rest. */
  readonly validate?: boolean;
  /** Whether the console and the pages for signing in, which are only of use on AWS, are part of it. */
  readonly console?: boolean;
  /** Hears a sentence about what was asked for and is not part of it. */
  readonly onNotice?: (sentence: string) => void;
}

const NO_CONSOLE =
  'The console is left out, as another issuer signs the tokens: the HTTP API would take them, but the GraphQL API, which ' +
  'tells of changes, takes only those of the user pool.';

/**
 * Bundles the functions and writes the cloud assembly (template, assets, manifest).
 *
 * @returns the folder of the assembly
 * @throws Error when the template does not pass CDK's rules, when the context is not valid or a function has no source
 */
export async function synthesise(options: SynthesiseOptions = {}): Promise<string> {
  const { outdir, context, root, dist, validate = false, console: withConsole = false } = options;
  const { onNotice = () => undefined } = options;
  const bundles = await bundle({
    ...(root === undefined ? {} : { root }),
    ...(dist === undefined ? {} : { dist }),
  });
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    stackTraces: false,
    builtinCloudFormationValidation: validate,
    ...(outdir === undefined ? {} : { outdir }),
    ...(context === undefined ? {} : { context }),
  });
  const settings = Context.safeParse(ownContext(app));
  if (!settings.success) throw new Error(`The context is not valid.\n${z.prettifyError(settings.error)}`);
  const lockstep = new LockstepStack(app, { ...settings.data, bundles });
  if (withConsole && settings.data.issuer !== undefined) onNotice(NO_CONSOLE);
  else if (withConsole) {
    // What is only for AWS is not loaded each time that the system starts on one machine.
    const { ConsoleStack } = await import('./stacks/console-stack.ts');
    new ConsoleStack(app, { ...settings.data, lockstep, pages: await buildConsole() });
  }
  return app.synth().directory;
}

/** What was set by `-c`, also a name that nobody knows; CDK's own names hold a colon, a slash or a dash. */
function ownContext(app: App): Readonly<Record<string, unknown>> {
  const all = z.record(z.string(), z.unknown()).parse(app.node.getAllContext());
  return Object.fromEntries(Object.entries(all).filter(([name]) => /^\w+$/.test(name)));
}
