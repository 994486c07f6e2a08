import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPatterns } from '../../commands/replay/patterns.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lockstep-patterns-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(text: string, name = 'some test (2).csv') {
  await writeFile(path.join(folder, name), text);
  return readPatterns(path.join(folder, name));
}

it('a table of answer patterns is as many people as it counts, under a name that is an id', async () => {
  expect(await read('q1,q2,count\n1,0,2\n0,0,0\n0,1,1\n')).toEqual({
    name: 'some-test-2',
    questions: 2,
    people: [
      [true, false],
      [true, false],
      [false, true],
    ],
  });
});

it.each([
  ['other columns', 'a,b,count\n1,0,2\n', 'columns must be q1, q2, ... and count, not a, b, count'],
  ['no count', 'q1,q2\n1,0\n', 'columns must be'],
  ['no question', 'count\n3\n', 'columns must be'],
  ['answers that are neither right nor wrong', 'q1,q2,count\n1,2,3\n', '1 (right) or 0 (wrong)'],
  ['a count that is none', 'q1,q2,count\n1,1,-3\n', 'is no whole number'],
  ['a line that is too short', 'q1,q2,count\n1,1\n', 'Invalid Record Length'],
  ['nobody', 'q1,q2,count\n1,1,0\n', '1 to 100000 people'],
  ['more people than clients fit a machine', 'q1,count\n1,1000000000\n', '1 to 100000 people'],
  [
    'more questions than a test has',
    `${Array.from({ length: 81 }, (_, index) => `q${index + 1}`).join()},count\n`,
    'at most 80 questions',
  ],
])('a table of answer patterns is refused with %s', async (_what, text, why) => {
  await expect(read(text)).rejects.toThrow(why);
});

it('a table of answer patterns that is not there is told of in a sentence', async () => {
  const file = path.join(folder, 'none.csv');
  await expect(readPatterns(file)).rejects.toThrow(
    `${file} is no table of answer patterns: it cannot be read`,
  );
});
