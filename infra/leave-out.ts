import { build, type Plugin } from 'esbuild';

interface Unused {
  readonly files: RegExp;
  readonly except?: RegExp;
  readonly made?: true;
}

/**
 * Modules that packages load and that no function of ours runs: a bundle gets their names without their code.
 * `made` ones are classes of which the package makes objects while it is loaded; anything else in a module says, when
 * it is called after all, that it was left out.
 */
const UNUSED: readonly Unused[] = [
  // Of Stripe's some two hundred resources we use the sessions of Checkout.
  { files: /\/stripe\/esm\/resources\/.*\.js$/, except: /\/Checkout\//, made: true },
  { files: /\/stripe\/esm\/resources\.js$/, made: true },
  { files: /\/stripe\/esm\/(StripeEventNotificationHandler|autoPagination|multipart)\.js$/ },
  // For operations that stream, which DynamoDB has none of.
  { files: /\/@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/ },
  // For Node without SHA-256 of its own.
  { files: /\/@smithy\/core\/dist-es\/submodules\/checksum\/sha256\/Sha256Js\.js$/ },
  // DynamoDB's clients know the endpoint by the region.
  { files: /\/@aws-sdk\/endpoint-cache\/dist-es\/EndpointCache\.js$/, made: true },
];

/** Only the description of the API makes JSON Schema, but every schema of zod can. */
const JSON_SCHEMA: Unused = { files: /\/zod\/v4\/core\/(to-json-schema|json-schema-processors)\.js$/ };

/** Keeps out of bundles what they would only carry. `jsonSchema`: whether they make JSON Schema. */
export function leaveOut({ jsonSchema }: { readonly jsonSchema: boolean }): Plugin {
  return {
    name: 'leave-out',
    setup({ onLoad }) {
      for (const { files, except, made } of jsonSchema ? UNUSED : [...UNUSED, JSON_SCHEMA]) {
        onLoad({ filter: files }, async ({ path }) => {
          if (except?.test(path)) return undefined;
          const names = await exportsOf(path);
          return { contents: names.map((name) => empty(name, made === true)).join('\n') };
        });
      }
    },
  };
}

async function exportsOf(file: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [file],
    write: false,
    metafile: true,
    format: 'esm',
    outdir: 'unwritten',
    logLevel: 'error',
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}

function empty(name: string, made: boolean): string {
  if (made) return `export class ${name} {}`;
  return `export function ${name}() { throw new Error('${name} was left out of the bundles: see infra/leave-out.ts') }`;
}
