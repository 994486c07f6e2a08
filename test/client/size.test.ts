import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a page that imports only this loads for it: bytes as they travel, and the modules that are in it. */
async function bundle(name: string, file: string) {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `import { ${name} } from './shared/client/${file}.ts'; globalThis.made = ${name};`,
      resolveDir: root,
    },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    external: ['react'],
    target: 'es2022',
  });
  const [output] = Object.values(metafile.outputs);
  const modules = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return {
    minified: outputFiles[0]!.contents.byteLength,
    gzipped: gzipSync(outputFiles[0]!.contents, { level: 9 }).byteLength,
    modules: modules.map(([path]) => path).filter((path) => path !== '<stdin>'),
  };
}

describe('in a page, minified and gzipped', () => {
  // As measured, and a little more.
  it.each([
    ['createSyncClient', 'sync-client', 9350],
    ['connectRealtime', 'realtime', 2500],
    ['createApiClient', 'api', 2220],
  ])('%s weighs no more than it needs', async (name, file, most) => {
    const { minified, gzipped } = await bundle(name, file);
    console.log(`${name}: ${gzipped} bytes gzipped, ${minified} minified`);
    expect(gzipped).toBeLessThanOrEqual(most);
  });

  it('the whole client brings no package and no schema along', async () => {
    const { modules } = await bundle('createSyncClient', 'sync-client');
    expect(modules.filter((path) => path.includes('node_modules'))).toEqual([]);
    expect(modules.filter((path) => path.startsWith('shared/contracts/'))).toEqual([
      'shared/contracts/topics.ts',
    ]);
  });

  it('the client of the HTTP API comes without what keeps views in step', async () => {
    const { modules } = await bundle('createApiClient', 'api');
    expect(modules.sort()).toEqual([
      'shared/client/api.ts',
      'shared/client/json-object.ts',
      'shared/client/or-aborted.ts',
      'shared/client/routes.ts',
    ]);
  });

  it('the real-time client comes without views, routes and HTTP', async () => {
    const { modules } = await bundle('connectRealtime', 'realtime');
    expect(modules.filter((path) => /api|routes|view|watch/.test(path))).toEqual([]);
  });

  it('the hook for React brings React along, and nothing else', async () => {
    const { modules } = await bundle('useView', 'react');
    expect(modules.sort()).toEqual(['shared/client/react.ts', 'shared/client/view-source.ts']);
    const { modules: client } = await bundle('createSyncClient', 'sync-client');
    expect(client).not.toContain('shared/client/react.ts');
  });
});
