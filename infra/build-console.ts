import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** What the console is made of: its own sources, what it shares, and the packages. */
const SOURCES = ['console', 'shared', 'tsconfig.json', 'package-lock.json'];

/**
 * Builds the console's pages, without a `config.json`, which is of the place that serves them. Nothing is done when the
 * sources are those of the last build.
 *
 * @param folder where they go; `dist/console` of the repository by default
 * @returns the folder
 */
export async function buildConsole(folder = consoleFolder): Promise<string> {
  const marker = `${folder}.hash`;
  const hash = await hashOf(SOURCES.map((name) => path.join(repository, name)));
  if (existsSync(folder) && (await readFile(marker, 'utf8').catch(() => '')) === hash) return folder;
  // Loaded only to build: it takes longer than to look whether that is needed.
  const { build } = await import('vite');
  // Beside the old one until it is whole, for somebody may be served from there.
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(path.dirname(folder), { recursive: true });
  const { NODE_ENV: ours } = process.env;
  // Whoever builds it, a test too: the libraries have slower forms for developers.
  process.env.NODE_ENV = 'production';
  try {
    await build({
      configFile: path.join(repository, 'console/vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: unfinished },
    });
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    await writeFile(marker, hash);
  } finally {
    if (ours === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = ours;
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** Where the console is built to, and served from. */
export const consoleFolder = path.join(repository, 'dist/console');

async function hashOf(places: readonly string[]): Promise<string> {
  const files = (await Promise.all(places.map(filesAt))).flat().sort();
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(`${path.relative(repository, file)}\0`)
      .update(await readFile(file))
      .update('\0');
  }
  return hash.digest('hex');
}

async function filesAt(place: string): Promise<string[]> {
  if (path.extname(place) !== '') return [place];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
