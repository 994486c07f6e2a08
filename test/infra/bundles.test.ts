import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { readTemplate } from '../../infra/local/template/template.ts';
import type { FunctionSpec } from '../../infra/function-spec.ts';
import { httpFunctions } from '../../infra/http-functions.ts';
import { consumers, schedules, triggers } from '../../infra/system.ts';

const LARGEST_BUNDLE = 400_000;
/** What a function loads only when it is needed: as of now pdfkit, with a little to grow. */
const LARGEST_LATER_PART = 940_000;

const assembly = inject('assembly');
const template = readTemplate({ assembly });
const specs: Record<string, FunctionSpec> = { ...httpFunctions, ...consumers, ...triggers, ...schedules };
const bundles = template.resources('AWS::Lambda::Function').map(({ properties }) => {
  const { Code, FunctionName, Environment } = properties as any;
  const file = path.join(template.assetPath(Code.S3Key), 'index.mjs');
  const variables: Record<string, string> = Environment?.Variables ?? {};
  const name: string = FunctionName.replace('lockstep-', '');
  const loaded = loadedWith(file);
  const later = readdirSync(path.dirname(file)).filter((part) => !loaded.includes(part));
  const code = loaded.map((part) => readFileSync(path.join(file, '..', part), 'utf8')).join('');
  return { name, file, code, variables, later };
});

/** A bundle and the parts beside it that are loaded with it. */
function loadedWith(file: string): string[] {
  const parts = new Set([path.basename(file)]);
  for (const part of parts) {
    const code = readFileSync(path.join(file, '..', part), 'utf8');
    for (const [, found = ''] of code.matchAll(/(?:from|import)"\.\/([^"]+\.mjs)"/g)) parts.add(found);
  }
  return [...parts];
}

/** The requests by which an action can be used; Query and Scan are in every bundle that has a client. */
const requestsFor: Record<string, string[]> = {
  GetItem: ['GetItem', 'TransactGetItems'],
  BatchGetItem: ['BatchGetItem'],
  PutItem: ['PutItem', 'TransactWriteItems'],
  UpdateItem: ['UpdateItem', 'TransactWriteItems'],
  DeleteItem: ['DeleteItem', 'TransactWriteItems'],
  ConditionCheckItem: ['TransactWriteItems'],
};

describe('the bundles', () => {
  it('have at most 400 kB each', () => {
    expect(bundles).toHaveLength(Object.keys(specs).length);
    const sizes = bundles.map(({ name, code }) => ({ name, bytes: Buffer.byteLength(code) }));
    expect(sizes.filter(({ bytes }) => bytes > LARGEST_BUNDLE)).toEqual([]);
  });

  it('have nothing beside them but what a function is said to load later, or to read', () => {
    const beside = bundles.flatMap(({ name, later }) => later.map((part) => ({ name, part })));
    const files = beside.filter(({ part }) => !part.endsWith('.mjs')).map(({ name, part }) => [name, part]);
    const named = Object.entries(specs).flatMap(([name, spec]) =>
      (spec.files ?? []).map((file) => [name, path.basename(file)]),
    );
    expect(files).toEqual(named);
    const inParts = beside.filter(({ part }) => part.endsWith('.mjs')).map(({ name }) => name);
    const lazy = Object.keys(specs).filter((name) => specs[name]?.lazy === true);
    expect([...new Set(inParts)].sort()).toEqual(lazy.sort());
  });

  it('load later what outweighs them, of at most 940 kB each', () => {
    const sizes = bundles.flatMap(({ name, file, later }) =>
      later
        .filter((part) => part.endsWith('.mjs'))
        .map((part) => ({ name, part, bytes: readFileSync(path.join(file, '..', part)).length })),
    );
    expect(sizes.filter(({ bytes }) => bytes > LARGEST_LATER_PART)).toEqual([]);
    expect(bundles.filter(({ code }) => code.includes('endstream')).map(({ name }) => name)).toEqual([]);
  });

  it('can send every request that their roles allow', () => {
    const unused = bundles.flatMap(({ name, code }) =>
      Object.entries(specs[name]?.grants ?? {}).flatMap(([table, actions]) =>
        actions
          .filter((action) => requestsFor[action]?.some((it) => code.includes(`"${it}"`)) === false)
          .map((action) => `${name}: ${action} ${table}`),
      ),
    );
    expect(unused).toEqual([]);
  });

  // `z.core` and `import { z }` each bring every locale of zod.
  it.each([
    '.aws/credentials',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'Ungültige Eingabe',
    '/v1/climate',
    'event stream union',
  ])('hold nothing dead, such as %j', (text) => {
    expect(bundles.filter(({ code }) => code.includes(text)).map(({ name }) => name)).toEqual([]);
  });

  it('make JSON Schema only where the API is described', () => {
    const text = 'json-schema.org/draft/2020-12';
    expect(bundles.filter(({ code }) => code.includes(text)).map(({ name }) => name)).toEqual([
      'describe-api',
    ]);
  });

  it('are imported in 60 ms of processor time, the largest too', async () => {
    const largest = bundles.toSorted((one, other) => other.code.length - one.code.length)[0]!;
    const times: number[] = [];
    for (let run = 0; run < 5; run += 1) times.push(await importTime(largest));
    // The least of a few: what else runs on the machine only ever adds.
    expect(Math.min(...times)).toBeLessThanOrEqual(60 * LENIENCE);
  });
});

/** Of the machine on which the tests run, against one that does nothing else. */
const LENIENCE = 3;

/** Milliseconds of one thread's processor time, in a process of its own. */
async function importTime({ file, variables }: (typeof bundles)[number]): Promise<number> {
  const script = `
    const start = process.cpuUsage();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    const { user, system } = process.cpuUsage(start);
    console.log((user + system) / 1000);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: process.env['PATH'], AWS_REGION: 'us-east-1', ...variables },
  });
  return Number(stdout.trim());
}
