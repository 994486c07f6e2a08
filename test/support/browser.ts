import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Screenshots are kept here for whoever wants to look; git does not see them. */
const artifacts = fileURLToPath(new URL('../../test-artifacts', import.meta.url));

/** The browser of this machine: what CHROMIUM names, or one on the PATH. */
export const browserPath: string | undefined = process.env.CHROMIUM ?? onPath();

function onPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find(isRunnable);
}

function isRunnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (browserPath === undefined) {
  console.warn(
    `Skipped, as there is no browser: put ${NAMES.join(' or ')} on the PATH, or name one in CHROMIUM`,
  );
}

export async function launchBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error('There is no browser');
  // Chromium's sandbox does not run as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: browserPath, args });
}

/** A file for a screenshot of this name. */
export async function screenshotFile(name: string): Promise<string> {
  await mkdir(artifacts, { recursive: true });
  return path.join(artifacts, `${name}.png`);
}
