import type { Browser, Locator, Page, WebSocket } from 'playwright-core';
import { expect } from 'vitest';
import { hashOf, type Route } from '../../console/src/address.ts';
import type { ViewName } from '../../shared/client/watched-views.ts';

/** Something that a view, or a connection, was seen to change to. Times are milliseconds since 1970. */
export interface Seen {
  readonly what: string;
  readonly attribute: string;
  readonly value: string;
  readonly at: number;
}

/** A window of the console, with a watchman in its page who writes down what changes there, and when. */
export interface ConsoleWindow {
  readonly page: Page;
  readonly sockets: readonly WebSocket[];
  /** What went wrong in the page. */
  readonly errors: readonly string[];
  controls(of: 'student' | 'admin'): Locator;
  view(name: ViewName): Locator;
  /** Goes to a page as its link does, without loading the console again, and waits until it says what it has to say. */
  goTo(route: Route): Promise<void>;
  /** What was seen since the window was opened, without so many of the first; it ends when the page is loaded again. */
  seen(after: number): Promise<Seen[]>;
  /** How much was seen until now. */
  seenSoFar(): Promise<number>;
  /** When something was clicked last. */
  clickedAt(): Promise<number>;
  /** Resolves to when the view first changed after so many things seen. */
  changed(view: ViewName, after: number): Promise<number>;
  /** Resolves when every live view was read after all that was told of it, and nothing has changed for a moment. */
  still(): Promise<void>;
  live(): Promise<void>;
  close(): Promise<void>;
}

// In the page's own words: tests are compiled without a document. The times of both are of one clock. Whoever waits for
// a change is told in the page: to ask for it again and again would take the time that is measured.
const WATCHMAN = `
  window.seen = [];
  const looking = new Set();
  window.clickedAt = 0;
  const now = () => performance.timeOrigin + performance.now();
  window.lastSeenAt = now();
  // A view that was told of something is not confirmed until it has been read after that.
  const unread = '[data-live="true"]:not([data-confirmed="true"])';
  window.quietMs = () => (document.querySelector(unread) === null ? now() - window.lastSeenAt : 0);
  document.addEventListener('click', (event) => {
    window.clickedAt = performance.timeOrigin + event.timeStamp;
  }, true);
  new MutationObserver(() => {
    window.lastSeenAt = now();
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  new MutationObserver((records) => {
    for (const { target, attributeName: attribute } of records) {
      const what = target.dataset.view ?? target.dataset.connection;
      if (what === undefined) continue;
      window.seen.push({ what, attribute, value: target.getAttribute(attribute) ?? '', at: now() });
    }
    for (const look of looking) look();
  }).observe(document, {
    subtree: true,
    attributeFilter: ['data-changes', 'data-at', 'data-live', 'data-state'],
  });
  window.changed = (view, after, patience) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(view + ' did not change')), patience);
    const look = () => {
      const isIt = ({ what, attribute }, index) => index >= after && what === view && attribute === 'data-changes';
      const first = window.seen.find(isIt);
      if (first === undefined) return;
      clearTimeout(timer);
      looking.delete(look);
      resolve(first.at);
    };
    looking.add(look);
    look();
  });
`;

/** Longer than an event takes that has been sent. */
const STILL_MS = 500;

/** What a page shows while something of it is on its way. */
const UNREAD = '[aria-label^="Reading "], [aria-label^="Loading "]';
const UNREAD_WORDS = /^(Loading|Reading .*) …$/;

const PATIENCE_MS = 30_000;

interface Opening {
  /** The school's address, without a trailing slash. */
  readonly url: string;
  readonly userId: string;
  readonly courseId: string;
  /** Before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Opens the page of the nine views, and waits until all of them are live. */
export async function openConsole(browser: Browser, opening: Opening): Promise<ConsoleWindow> {
  const { url, userId, courseId, prepare } = opening;
  const context = await browser.newContext({
    viewport: { width: 1440, height: 1000 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const sockets: WebSocket[] = [];
  const errors: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.addInitScript(WATCHMAN);
  await prepare?.(page);
  await page.goto(`${url}/console/#/school?student=${userId}&course=${courseId}`);
  const window: ConsoleWindow = {
    page,
    sockets,
    errors,
    controls: (of) => page.locator(`[data-controls="${of}"]`),
    view: (name) => page.locator(`[data-view="${name}"]`),
    async goTo(route) {
      await page.evaluate(`location.hash = ${JSON.stringify(hashOf(route))}`);
      await page.getByRole('heading', { level: 1, name: new RegExp(route.page, 'i') }).waitFor();
      await expect.poll(() => page.locator(UNREAD).or(page.getByText(UNREAD_WORDS)).count()).toBe(0);
    },
    seen: (after) => page.evaluate<Seen[]>(`window.seen.slice(${after})`),
    seenSoFar: () => page.evaluate<number>('window.seen.length'),
    clickedAt: () => page.evaluate<number>('window.clickedAt'),
    changed: (view, after) =>
      page.evaluate<number>(`window.changed(${JSON.stringify(view)}, ${after}, ${PATIENCE_MS})`),
    async still() {
      await expect.poll(() => page.evaluate<number>('window.quietMs()')).toBeGreaterThan(STILL_MS);
    },
    async live() {
      await expect.poll(() => page.locator('[data-view][data-live="true"]').count()).toBe(9);
    },
    close: () => context.close(),
  };
  await window.live();
  return window;
}
