import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { browserPath, screenshotFile } from '../support/browser.ts';
import { OPEN_COURSE, useConsoleSchool } from '../support/console-school.ts';
import type { ConsoleWindow } from '../support/console-window.ts';
import { wireTo } from '../support/wire.ts';

/** The life of a token. */
const SECONDS = 6;

/** What eight of the nine views are read from; that of the detail names its course. */
const PATHS = [
  ...['/me/dashboard', '/me/courses', '/me/progress', '/me/profile'],
  ...['/admin/dashboard', '/admin/analytics', '/admin/requests', '/admin/students'],
];

describe.skipIf(browserPath === undefined)('The console', () => {
  const console_ = useConsoleSchool();

  const progress = (window: ConsoleWindow, value: string) =>
    expect.poll(() => window.view('StudentProgress').textContent()).toContain(value);
  const connection = (window: ConsoleWindow, of: 'student' | 'admin') =>
    expect.poll(() => window.page.locator(`[data-connection="${of}"]`).getAttribute('data-state'));

  async function enrolled(userId: string) {
    const { school, signUp } = console_();
    await signUp(userId);
    const student = await school.student(userId);
    await student.call('enroll-directly', { params: { courseId: OPEN_COURSE } });
    await school.quiet();
    return student;
  }

  it('comes back after its network was cut, and shows what happened meanwhile without being loaded again', async () => {
    const { school, open } = console_();
    await enrolled('ben');
    const wire = await wireTo(school.url);
    try {
      const cut = await open('ben', undefined, wire.url);
      const whole = await open('ben');
      const before = cut.sockets.length;
      wire.cut();
      await connection(cut, 'student').toBe('polling');
      await connection(cut, 'admin').toBe('polling');
      const waive = whole.controls('admin').getByRole('button', { name: 'Waive', exact: true });
      await waive.click();
      await progress(whole, 'waived: text');
      expect(await cut.view('StudentProgress').textContent()).not.toContain('waived');
      wire.mend();
      await cut.live();
      await progress(cut, 'waived: text');
      await connection(cut, 'student').toBe('live');
      await connection(cut, 'admin').toBe('live');
      expect(cut.sockets.length).toBeGreaterThan(before);
      expect(await cut.page.evaluate('performance.getEntriesByType("navigation").length')).toBe(1);
      expect(cut.errors).toEqual([]);
      // What it is told comes by push again.
      await whole.controls('admin').getByRole('button', { name: 'Take back the waiver' }).click();
      await expect.poll(() => cut.view('StudentProgress').textContent()).not.toContain('waived: text');
    } finally {
      await wire.close();
    }
  }, 180_000);

  it('connects at once when the browser says that the network is back', async () => {
    const { open } = console_();
    await enrolled('cyn');
    const window = await open('cyn');
    const before = window.sockets.length;
    await window.page.context().setOffline(true);
    await window.page.context().setOffline(false);
    await expect.poll(() => window.sockets.length).toBe(before + 2);
    await connection(window, 'student').toBe('live');
    await connection(window, 'admin').toBe('live');
    await window.live();
  });

  /** Collects what could not be read: the paths of requests that never got an answer. */
  function unansweredIn({ page }: ConsoleWindow): Set<string> {
    const paths = new Set<string>();
    page.on('requestfailed', (request) => paths.add(new URL(request.url()).pathname));
    return paths;
  }
  const alertsOnCards = ({ page }: ConsoleWindow) =>
    page.locator('[data-view]').getByRole('alert').allTextContents();

  it('says once, above all cards, that the network is away', async () => {
    const { school, open } = console_();
    await enrolled('eve');
    const wire = await wireTo(school.url);
    try {
      const window = await open('eve', undefined, wire.url);
      const { page } = window;
      const alerts = () => page.getByRole('alert').allTextContents();
      expect(await alerts()).toEqual([]);
      const unanswered = unansweredIn(window);
      // A browser that is told to be offline keeps the sockets that it has; a network that is away does not.
      await page.context().setOffline(true);
      wire.cut();
      // Each view tries by itself, and fails.
      const tried = [...PATHS, `/me/courses/${OPEN_COURSE}`];
      await expect.poll(() => [...unanswered]).toEqual(expect.arrayContaining(tried));
      await expect
        .poll(alerts)
        .toEqual([expect.stringContaining('not connected: The school cannot be reached')]);
      expect(await page.locator('[data-trouble]').count()).toBe(1);
      expect(await alertsOnCards(window)).toEqual([]);
      // What was read before stays.
      expect(await window.view('StudentProgress').textContent()).toContain('The heart');
      await page.screenshot({ path: await screenshotFile('operate-offline'), fullPage: true });
      wire.mend();
      await page.context().setOffline(false);
      await window.live();
      await expect.poll(alerts).toEqual([]);
      expect(window.errors).toEqual([]);
    } finally {
      await wire.close();
    }
  }, 180_000);

  it('says on its own card what a view is refused, also while the other views cannot be read', async () => {
    const { school, open } = console_();
    await enrolled('fay');
    const wire = await wireTo(school.url);
    try {
      const window = await open('fay', undefined, wire.url);
      const { page } = window;
      const onCards = expect.poll(() => alertsOnCards(window));
      const refusal = [expect.stringContaining('There is no such course')];
      const above = page.locator('[data-trouble]');
      await window.goTo({ page: 'school', student: 'fay', course: 'nowhere' });
      await onCards.toEqual(refusal);
      expect(await above.count()).toBe(0);
      // Of all that is asked, this alone reaches the school.
      let refused = 0;
      await page.route('**/me/courses/nowhere', async (route) => {
        refused += 1;
        await route.fulfill({ response: await route.fetch({ url: `${school.url}/me/courses/nowhere` }) });
      });
      const unanswered = unansweredIn(window);
      wire.cut();
      await expect.poll(() => [...unanswered]).toEqual(expect.arrayContaining([...PATHS]));
      await expect.poll(() => refused).toBeGreaterThan(0);
      await expect.poll(() => above.count()).toBe(1);
      await window.still();
      expect(await above.textContent()).toContain('The school cannot be reached');
      expect(await alertsOnCards(window)).toEqual(refusal);
    } finally {
      await wire.close();
    }
  }, 180_000);

  it('gets another token before one expires, and drops nothing', async () => {
    const { school, open } = console_();
    const student = await enrolled('dan');
    const issued: number[] = [];
    // As a pool whose tokens live as shortly as they can.
    const shortly = async (page: Page): Promise<void> => {
      await page.route('**/local/token', async (route) => {
        issued.push(Date.now());
        const asked = JSON.parse(route.request().postData() ?? '{}');
        await route.continue({ postData: JSON.stringify({ ...asked, expiresIn: SECONDS }) });
      });
    };
    const window = await open('dan', shortly);
    const [sockets, first] = [window.sockets.length, issued.length];
    const since = await window.seenSoFar();
    // Through three lives of a token, with something to do in each.
    for (const chapterId of ['read', 'watch', 'answer']) {
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
      const before = await window.seenSoFar();
      await student.call('complete-chapter', { params: { courseId: OPEN_COURSE, chapterId } });
      await window.changed('StudentProgress', before);
      await school.quiet();
      await window.still();
    }
    await progress(window, '3 chapters');
    expect(issued.length).toBeGreaterThan(first);
    expect(window.sockets.length).toBe(sockets);
    const states = (await window.seen(since)).filter(({ attribute }) => attribute === 'data-state');
    expect(states).toEqual([]);
    const live = (await window.seen(since)).filter(({ attribute }) => attribute === 'data-live');
    expect(live).toEqual([]);
    expect(window.errors).toEqual([]);
  }, 180_000);
});
