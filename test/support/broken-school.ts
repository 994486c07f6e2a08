import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProvedCell, proveMatrix } from '../../commands/matrix/prove-matrix.ts';
import { schoolOf } from '../../commands/school.ts';
import { startStack, type StackOptions } from '../../infra/local/stack.ts';
import { parseStreamMapping } from '../../infra/local/streams/stream-mapping.ts';
import { readTemplate } from '../../infra/local/template/template.ts';
import { synthesise } from '../../infra/synthesise.ts';
import { find, type RawResources } from '../infra/model.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A line of the sources, and what stands there instead. */
export interface Slip {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** Each environment of a function costs a start: the broken schools, which are many, have one of each. */
const FRUGAL = { maxConcurrency: 1 };

/** Runs the matrix on a school of its own. */
export async function matrixOn(
  assembly: string,
  options: Omit<StackOptions, 'assembly'> = {},
): Promise<ProvedCell[]> {
  const stack = await startStack({ assembly, ...options });
  try {
    return await proveMatrix({ school: schoolOf(stack), stack, timeoutMs: 15_000, lanes: 6 });
  } finally {
    await stack.stop();
  }
}

/** Runs the matrix on a school in which a function does not follow a table. */
export function matrixWithoutMapping(
  assembly: string,
  consumer: string,
  table: string,
): Promise<ProvedCell[]> {
  return inFolder(async (folder) => {
    const mapping = readTemplate({ assembly })
      .resources('AWS::Lambda::EventSourceMapping')
      .map((resource) => parseStreamMapping(resource))
      .find(({ functionName, tableName }) => functionName === `lockstep-${consumer}` && tableName === table);
    if (mapping === undefined) throw new Error(`${consumer} does not follow ${table}`);
    for (const name of await readdir(assembly)) {
      const file = path.join(assembly, name);
      if (!name.endsWith(TEMPLATE)) await symlink(file, path.join(folder, name));
      else await cp(file, path.join(folder, name));
    }
    await change(folder, (resources) => {
      resources[mapping.logicalId]!.Properties.Enabled = false;
    });
    return brokenMatrixOn(folder);
  });
}

/** Runs the matrix on a school made of sources with slips in them. */
export function matrixWithSlips(slips: readonly Slip[]): Promise<ProvedCell[]> {
  return inFolder(async (folder) => {
    const root = path.join(folder, 'sources');
    await mkdir(root);
    for (const name of ['functions', 'shared']) {
      await cp(path.join(repository, name), path.join(root, name), { recursive: true });
    }
    for (const name of ['node_modules', 'package.json', 'tsconfig.json']) {
      await symlink(path.join(repository, name), path.join(root, name));
    }
    for (const slip of slips) await make(slip, root);
    const [outdir, dist] = [path.join(folder, 'cdk.out'), path.join(folder, 'dist')];
    return brokenMatrixOn(await synthesise({ root, outdir, dist }));
  });
}

const TEMPLATE = '.template.json';

/**
 * Without the news of the school's health, which come each minute: an open dashboard reads itself anew by them, and
 * would show what nothing told it of.
 */
async function brokenMatrixOn(assembly: string): Promise<ProvedCell[]> {
  await change(assembly, (resources) => {
    find(resources, 'AWS::Scheduler::Schedule', 'MeasureHealth').Properties.State = 'DISABLED';
  });
  return matrixOn(assembly, FRUGAL);
}

async function change(assembly: string, make: (resources: RawResources) => void): Promise<void> {
  const name = (await readdir(assembly)).find((each) => each.endsWith(TEMPLATE));
  const file = path.join(assembly, name ?? '');
  const template = JSON.parse(await readFile(file, 'utf8'));
  make(template.Resources);
  await writeFile(file, JSON.stringify(template));
}

/** Fails where the sources do not say any more what the slip changes: it would break nothing. */
async function make({ file, find, put }: Slip, root: string): Promise<void> {
  const text = await readFile(path.join(root, file), 'utf8');
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`${file} has ${find} ${places} times`);
  await writeFile(
    path.join(root, file),
    text.replace(find, () => put),
  );
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lockstep-broken-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
