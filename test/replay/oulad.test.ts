import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { oulad } from '../support/oulad.ts';

const run = promisify(execFile);

/** The command as a person runs it. */
async function replay(...flags: string[]): Promise<unknown> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lockstep-replay-'));
  const file = path.join(folder, 'figures.json');
  try {
    await run('npx', ['tsx', 'commands/replay.ts', oulad ?? '', ...flags, '--json', file]);
    return JSON.parse(await readFile(file, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe.skipIf(oulad === undefined)('npm run replay', () => {
  // The figures the data is published with.
  it('gives the figures of AAA/2014J, with every stream batch delivered twice', async () => {
    expect(await replay('--presentation', 'AAA/2014J', '--delivery', 'twice')).toMatchObject({
      presentations: [
        {
          name: 'AAA/2014J',
          enrollments: 365,
          cancelled: 66,
          attempts: 1516,
          scored: 1515,
          mean: expect.closeTo(68.5987, 4),
          deviation: expect.closeTo(13.2871, 4),
          passed: 1465,
          learnersWithAttempt: 340,
        },
      ],
      consistency: { enrollments: 365, progressMismatches: 0, aggregateMismatches: 0 },
    });
  }, 600_000);

  it('says in a sentence that a folder is none', async () => {
    await expect(run('npx', ['tsx', 'commands/replay.ts', '/nowhere'])).rejects.toMatchObject({
      stderr: expect.stringMatching(/^\/nowhere is not an OULAD folder: .*\.csv cannot be read$/m),
    });
  });

  it('says which presentations there are when it is asked for another', async () => {
    await expect(replay('--presentation', 'BBB/2013J')).rejects.toMatchObject({
      stderr: expect.stringContaining('it has AAA/2014J, CCC/2014J'),
    });
  });
});
