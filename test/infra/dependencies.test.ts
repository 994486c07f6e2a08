import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, describe, expect, it } from 'vitest';

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
const repository = path.join(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-cruise-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function violations(baseDir: string, folders: string[]) {
  const { output } = await cruise(folders, {
    baseDir,
    ruleSet: { forbidden },
    validate: true,
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
  });
  const { modules, summary } = output as ICruiseResult;
  return {
    count: modules.length,
    found: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  };
}

/** What must not be imported, by the rule that says so. */
const slips = {
  'domain-is-pure': ['shared/domain/a.ts', '../contracts/b.ts'],
  'store-knows-domain-and-contracts-only': ['shared/store/a.ts', '../runtime/b.ts'],
  'runtime-knows-domain-and-contracts-only': ['shared/runtime/a.ts', '../store/b.ts'],
  'payments-know-domain-and-contracts-only': ['shared/payments/a.ts', '../store/b.ts'],
  'print-is-given-what-it-prints': ['shared/print/a.ts', '../contracts/b.ts'],
  'contracts-know-the-domain-only': ['shared/contracts/a.ts', '../store/b.ts'],
  'client-runs-in-a-browser': ['shared/client/a.ts', '../store/b.ts'],
  'client-without-node': ['shared/client/c.ts', 'node:fs'],
  'a-function-never-imports-another': ['functions/http/a.ts', './b.ts'],
  'functions-know-shared-only': ['functions/http/c.ts', '../../infra/b.ts'],
  'logic-does-not-know-its-lambda': ['functions/streams/a.ts', './b.lambda.ts'],
  'local-knows-the-template-only': ['infra/local/a.ts', '../b.ts'],
  'infra-knows-contracts-only': ['infra/a.ts', '../functions/http/b.ts'],
  'nobody-imports-tests': ['commands/a.ts', '../test/b.ts'],
} as const;

describe('the dependency rules', () => {
  it('hold for all modules, and there are modules', async () => {
    const { count, found } = await violations(repository, ['functions', 'shared', 'infra/constructs']);
    expect(count).toBeGreaterThan(100);
    expect(found.filter((line) => !/^(resolvable|declared|product)/.test(line))).toEqual([]);
  });

  it('report each slip', async () => {
    for (const [from, to] of Object.values(slips)) {
      const file = path.join(folder, from);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `import { b } from '${to}';\nexport const a = b;\n`);
      if (to.startsWith('node:')) continue;
      const target = path.join(path.dirname(file), to);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, 'export const b = 1;\n');
    }
    writeFileSync(path.join(folder, 'package.json'), '{}');
    const { found } = await violations(folder, ['functions', 'shared', 'infra', 'commands']);
    const reported = found.map((line) => line.replace(/ -> .*/, ''));
    for (const [rule, [from]] of Object.entries(slips)) expect(reported).toContain(`${rule}: ${from}`);
  });

  it('let a function import its own logic', async () => {
    const own = path.join(folder, 'own');
    mkdirSync(path.join(own, 'functions/http'), { recursive: true });
    writeFileSync(path.join(own, 'functions/http/a.ts'), 'export const a = 1;\n');
    writeFileSync(path.join(own, 'functions/http/a.lambda.ts'), "export { a } from './a.ts';\n");
    writeFileSync(path.join(own, 'package.json'), '{}');
    expect((await violations(own, ['functions'])).found).toEqual([]);
  });
});
