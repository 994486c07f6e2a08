import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildConsole } from '../../infra/build-console.ts';

describe('The console', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'lockstep-console-build-'));
  const folder = path.join(home, 'console');
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const built = () => statSync(path.join(folder, 'index.html')).mtimeMs;

  it('is built once for the same sources, and again for others', async () => {
    expect(await buildConsole(folder)).toBe(folder);
    const first = built();
    await buildConsole(folder);
    expect(built()).toBe(first);
    writeFileSync(`${folder}.hash`, 'of other sources');
    await buildConsole(folder);
    expect(built()).not.toBe(first);
    expect(readdirSync(home).sort()).toEqual(['console', 'console.hash']);
  });

  it('asks for nothing but what is beside it', () => {
    const html = readFileSync(path.join(folder, 'index.html'), 'utf8');
    const asked = [...html.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, address]) => address!);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.filter((address) => !address.startsWith('./assets/'))).toEqual([]);
    // An inline script would be refused by the policy that the page is sent with.
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  });
});
