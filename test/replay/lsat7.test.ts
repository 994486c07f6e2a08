import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { PatternFigures } from '../../commands/replay/replay-patterns.ts';
import { readPatterns } from '../../commands/replay/patterns.ts';
import { lsat7 } from '../support/lsat7.ts';
import { expectedPatternFigures } from '../support/patterns.ts';

const run = promisify(execFile);

/** The command as a person runs it; it fails where anything is out of step. */
async function replay(...flags: string[]): Promise<PatternFigures & { seconds: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lockstep-replay-'));
  const file = path.join(folder, 'figures.json');
  try {
    await run('npx', ['tsx', 'commands/replay.ts', lsat7 ?? '', ...flags, '--json', file]);
    return JSON.parse(await readFile(file, 'utf8')) as PatternFigures & { seconds: number };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe.skipIf(lsat7 === undefined)('npm run replay of LSAT7', () => {
  // Bock and Lieberman 1970.
  it.each(['once', 'twice', 'shuffled'])(
    'gives the figures of the literature and of a direct computation, with every batch delivered %s',
    async (delivery) => {
      const { seconds, ...figures } = await replay('--delivery', delivery);
      expect(figures).toEqual(expectedPatternFigures(await readPatterns(lsat7 ?? '')));
      expect(figures.questions.map(({ facility }) => facility)).toEqual([0.828, 0.658, 0.772, 0.606, 0.843]);
      expect(figures.histogram).toEqual([12, 40, 114, 205, 321, 308]);
      expect(figures.mean).toBeCloseTo(3.707, 9);
      expect(figures.deviation).toBeCloseTo(1.199, 3);
      expect(seconds).toBeGreaterThan(0);
    },
    1_800_000,
  );
});
