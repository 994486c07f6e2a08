import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Browser } from 'playwright-core';
import { buildConsole, consoleFolder } from '../../infra/build-console.ts';
import { launchBrowser } from './browser.ts';
import { openConsole, type ConsoleWindow } from './console-window.ts';
import { publish, threeChapters } from './courses.ts';
import { startSchool, type TestSchool } from './school.ts';

export const OPEN_COURSE = 'heart';
export const ASKED_COURSE = 'lungs';

/** A school with a console, two courses and a student; a browser; and windows that are closed after each test. */
export interface ConsoleSchool {
  readonly school: TestSchool;
  readonly browser: Browser;
  open(
    userId: string,
    prepare?: Parameters<typeof openConsole>[1]['prepare'],
    url?: string,
  ): Promise<ConsoleWindow>;
  /** Somebody who has signed up, with a name. */
  signUp(userId: string): Promise<void>;
}

export function useConsoleSchool(
  closeWindows: 'after each test' | 'in the end' = 'after each test',
): () => ConsoleSchool {
  let made: ConsoleSchool | undefined;
  const windows: ConsoleWindow[] = [];
  const closeAll = async (): Promise<void> => {
    for (const window of windows.splice(0)) await window.close();
  };

  beforeAll(async () => {
    await buildConsole();
    const school = await startSchool({ console: consoleFolder });
    const browser = await launchBrowser();
    const admin = await school.admin();
    await publish(admin, OPEN_COURSE, threeChapters({ title: 'The heart' }));
    await publish(admin, ASKED_COURSE, threeChapters({ title: 'The lungs', access: 'request' }));
    made = {
      school,
      browser,
      signUp: (userId) => school.signUp(userId, { name: userId, email: `${userId}@school.example` }),
      async open(userId, prepare, url = school.url) {
        const window = await openConsole(browser, {
          url,
          userId,
          courseId: OPEN_COURSE,
          ...(prepare !== undefined && { prepare }),
        });
        windows.push(window);
        return window;
      },
    };
  }, 180_000);
  if (closeWindows === 'after each test') afterEach(closeAll);
  afterAll(async () => {
    await closeAll();
    await made?.browser.close();
    await made?.school.stack.stop();
  });
  return () => {
    if (made === undefined) throw new Error('The school has not started');
    return made;
  };
}
