import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { operations } from '../shared/contracts/api.ts';
import { leaveOut } from './leave-out.ts';
import type { FunctionSpec } from './function-spec.ts';
import { httpFunctions } from './http-functions.ts';
import { consumers, resolvers, schedules, triggers } from './system.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const specs: Readonly<Record<string, FunctionSpec>> = {
  ...httpFunctions,
  ...consumers,
  ...triggers,
  ...schedules,
};

export interface BundleOptions {
  /** The folder that holds `functions/`; the repository by default. */
  readonly root?: string;
  /** Where the bundles go; `dist` of the repository by default. */
  readonly dist?: string;
}

/** Where the source of each function is, by name. A name is an operation, a consumer, a trigger or a schedule. */
export function functionSources(root: string): Readonly<Record<string, string>> {
  const http = Object.keys(operations).map((name) => [name, `functions/http/${name}.lambda.ts`] as const);
  const streams = Object.keys(consumers).map(
    (name) => [name, `functions/streams/${name}.lambda.ts`] as const,
  );
  const called = Object.keys(triggers).map((name) => [name, `functions/triggers/${name}.lambda.ts`] as const);
  const scheduled = Object.keys(schedules).map(
    (name) => [name, `functions/scheduled/${name}.lambda.ts`] as const,
  );
  const all = [...http, ...streams, ...called, ...scheduled];
  return Object.fromEntries(all.map(([name, file]) => [name, path.join(root, file)]));
}

/**
 * Bundles every function to `<dist>/functions/<name>/index.mjs`, with its lazy parts and files beside it, and every
 * resolver to `<dist>/resolvers/<name>.js`. The same sources give the same bytes, so that the map of a bundle that is in
 * production can be made when a stack trace asks for it, and does not weigh on the function.
 *
 * @returns the folder the bundles are in
 * @throws Error naming the files when a source is missing
 */
export async function bundle(options: BundleOptions = {}): Promise<string> {
  const root = options.root ?? repository;
  const dist = options.dist ?? path.join(repository, 'dist');
  const functions = functionSources(root);
  const resolverFiles = [...new Set(resolvers.map((resolver) => resolver.file))];
  const graphql = Object.fromEntries(
    resolverFiles.map((name) => [name, path.join(root, `functions/graphql/${name}.ts`)]),
  );
  const missing = [...Object.values(functions), ...Object.values(graphql)].filter(
    (file) => !existsSync(file),
  );
  if (missing.length > 0) {
    throw new Error(
      `No source for: ${missing.map((file) => path.relative(root, file)).join(', ')}. ` +
        'Every operation of shared/contracts/api.ts and every consumer, trigger, schedule and resolver of infra/system.ts has one file.',
    );
  }
  const outdir = path.join(dist, 'functions');
  const inOne = (describing: boolean) =>
    Object.fromEntries(
      Object.entries(functions).filter(([name]) => {
        const { lazy = false, describes = false } = specs[name] ?? {};
        return !lazy && describes === describing;
      }),
    );
  const lazy = Object.entries(functions).filter(([name]) => specs[name]?.lazy === true);
  await Promise.all([
    build(functionBuild(inOne(false), outdir)),
    build(functionBuild(inOne(true), outdir)),
    ...lazy.map(([name, file]) => bundleInParts(name, file, outdir)),
    ...Object.entries(specs).map(([name, { files = [] }]) => copyFiles(files, path.join(outdir, name))),
    build(resolverBuild(graphql, path.join(dist, 'resolvers'))),
  ]);
  return dist;
}

function functionBuild(sources: Readonly<Record<string, string>>, outdir: string): BuildOptions {
  return {
    entryPoints: Object.entries(sources).map(([name, file]) => ({ in: file, out: `${name}/index` })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    treeShaking: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Most packages ship ES modules beside CommonJS; only the former can be shaken.
    mainFields: ['module', 'main'],
    alias: {
      '@aws-sdk/credential-provider-node': fileURLToPath(new URL('no-credential-chain.ts', import.meta.url)),
    },
    plugins: [leaveOut({ jsonSchema: Object.keys(sources).some((name) => specs[name]?.describes === true) })],
    // What is still CommonJS may require Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'error',
  };
}

/** One by one, for functions built together would share their parts in files of none of them. */
async function bundleInParts(name: string, file: string, outdir: string): Promise<void> {
  const { metafile } = await build({
    ...functionBuild({ [name]: file }, outdir),
    splitting: true,
    chunkNames: `${name}/[name]-[hash]`,
    metafile: true,
  });
  const folder = path.join(outdir, name);
  const parts = new Set(Object.keys(metafile.outputs).map((output) => path.basename(output)));
  // Parts of an earlier build would be deployed too.
  const stale = (await readdir(folder)).filter((part) => part.endsWith('.mjs') && !parts.has(part));
  await Promise.all(stale.map((part) => rm(path.join(folder, part), { force: true })));
}

async function copyFiles(files: readonly string[], folder: string): Promise<void> {
  if (files.length === 0) return;
  const { resolve } = createRequire(import.meta.url);
  await mkdir(folder, { recursive: true });
  for (const file of files) await copyFile(resolve(file), path.join(folder, path.basename(file)));
}

/** Not minified: APPSYNC_JS refuses much of what a minifier writes. */
function resolverBuild(sources: Readonly<Record<string, string>>, outdir: string): BuildOptions {
  return {
    entryPoints: sources,
    outdir,
    bundle: true,
    platform: 'node',
    target: 'esnext',
    format: 'esm',
    external: ['@aws-appsync/utils'],
    legalComments: 'none',
    logLevel: 'error',
  };
}
