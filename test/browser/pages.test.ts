import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { browserPath, screenshotFile } from '../support/browser.ts';
import { OPEN_COURSE, useConsoleSchool } from '../support/console-school.ts';
import type { ConsoleWindow } from '../support/console-window.ts';
import { PRACTICE, seedPages } from './seeds.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PAGES = ['school', 'matrix', 'health', 'jobs', 'failures', 'figures'] as const;
const SIZES = { desktop: { width: 1440, height: 1000 }, phone: { width: 390, height: 844 } };

/** Of each page something that it shows only where there is something to show. */
const SHOWN: Readonly<Record<(typeof PAGES)[number], string>> = {
  school: '[data-view="AdminRequests"] .line',
  matrix: '[data-cell="seen"]',
  health: '[aria-labelledby="score-over-time"] svg',
  jobs: '[data-job="reconcile~seeded"][data-status="done"]',
  failures: '[data-failure]',
  figures: '[aria-labelledby="question-scatter"] svg',
};

describe.skipIf(browserPath === undefined)('The pages of the console', () => {
  const console_ = useConsoleSchool('in the end');
  let window: ConsoleWindow | undefined;

  async function opened(): Promise<ConsoleWindow> {
    if (window !== undefined) return window;
    const { school, signUp, open } = console_();
    for (const userId of ['ada', 'ben', 'cyn', 'dan']) await signUp(userId);
    await seedPages(school, OPEN_COURSE);
    const student = await school.student('ada');
    await student.call('request-access', { params: { courseId: 'lungs' }, body: { message: 'Please' } });
    await school.quiet();
    return (window = await open('ada'));
  }

  async function show(
    name: (typeof PAGES)[number],
    { scheme = 'light', size = 'desktop' }: { scheme?: 'light' | 'dark'; size?: keyof typeof SIZES } = {},
  ): Promise<ConsoleWindow> {
    const shown = await opened();
    await shown.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await shown.page.setViewportSize(SIZES[size]);
    const course = name === 'figures' ? PRACTICE : OPEN_COURSE;
    await shown.goTo({ page: name, student: 'ada', course });
    // Or what went wrong, which the look is about to tell.
    await shown.page.locator(SHOWN[name]).or(shown.page.getByRole('alert')).first().waitFor();
    await shown.still();
    return shown;
  }

  /** Takes a picture, and looks for what people with other senses than eyes would miss. */
  async function look({ page, errors }: ConsoleWindow, name: string): Promise<void> {
    await page.screenshot({ path: await screenshotFile(name), fullPage: true });
    // A page that failed, or could not read what it shows, has little that can be wrong.
    expect(await page.getByRole('alert').allTextContents()).toEqual([]);
    expect(await seriousIn(page)).toEqual([]);
    // Nothing is wider than the screen.
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
  }

  it('are all looked at here', async () => {
    const { page } = await opened();
    const links = page.locator('nav:visible a');
    const named = (await links.all()).map(
      async (link) => (await link.getAttribute('href'))?.split(/[/?]/)[1],
    );
    expect(await Promise.all(named)).toEqual(PAGES);
  });

  const looks = PAGES.flatMap((page) =>
    (['light', 'dark'] as const).flatMap((scheme) =>
      (['desktop', 'phone'] as const).map((size) => ({ page, scheme, size })),
    ),
  );

  it.each(looks)(
    '$page, $scheme, on a $size: shows what there is, and axe finds nothing serious',
    async ({ page: name, scheme, size }) => {
      await look(await show(name, { scheme, size }), `${name}-${scheme}-${size}`);
    },
  );

  it('opens a job with what it found, and axe finds nothing serious', async () => {
    const shown = await show('jobs');
    await shown.page.getByRole('button', { name: 'Open reconcile~seeded' }).click();
    const job = shown.page.getByRole('region', { name: 'reconcile~seeded' });
    await job.getByText('studentProgress#ada#heart').first().waitFor();
    await job.getByRole('button', { name: /^Show the \d+ segments/ }).click();
    await job.getByText('Segment 1:').waitFor();
    await shown.still();
    await look(shown, 'opened-job');
  });

  it('opens a failure with its record, and axe finds nothing serious', async () => {
    const shown = await show('failures');
    await shown.page
      .getByRole('button', { name: /^Open the record/ })
      .first()
      .click();
    await shown.page.getByRole('group', { name: 'The record' }).getByText('stranger').first().waitFor();
    await shown.still();
    await look(shown, 'opened-failure');
  });

  it('asks before something is done, and axe finds nothing serious', async () => {
    const shown = await show('failures');
    await shown.page.getByRole('button', { name: 'Redrive all' }).click();
    const dialog = shown.page.getByRole('dialog', { name: 'Redrive all that is set aside?' });
    await dialog.waitFor();
    await shown.still();
    await look(shown, 'opened-confirmation');
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('opens a quiz, and axe finds nothing serious', async () => {
    const shown = await show('school');
    const controls = shown.controls('student');
    await controls.getByRole('button', { name: 'Answer: Quiz' }).click();
    await controls.getByRole('radiogroup', { name: 'Question one' }).getByLabel('Wrong').check();
    await shown.still();
    await look(shown, 'opened-quiz');
  });

  it('leads the keyboard into the menu of a phone while that is open, and past it while it is closed', async () => {
    const { page } = await show('failures', { size: 'phone' });
    await page.getByRole('button', { name: 'Pages' }).click();
    expect(await reachedByTab(page)).toEqual(expect.arrayContaining(['link in the menu', 'elsewhere']));
    await page.getByRole('button', { name: 'Pages' }).click();
    const reached = await reachedByTab(page);
    expect(reached).toContain('elsewhere');
    expect(reached).not.toContain('link in the menu');
    expect(reached).not.toContain('in the menu');
  });
});

async function seriousIn(page: Page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.map(({ target }) => target.join(' ')),
  }));
}

/** Where the focus comes by Tab, from the beginning of the page and once around it. */
async function reachedByTab(page: Page): Promise<string[]> {
  await page.evaluate('document.activeElement?.blur(); window.scrollTo(0, 0)');
  const reached = new Set<string>();
  const elements = await page.locator('a, button, input, textarea, select, [tabindex]').count();
  for (let step = 0; step < elements + 2; step += 1) {
    await page.keyboard.press('Tab');
    reached.add(
      await page.evaluate<string>(`(() => {
        const { activeElement: at } = document;
        if (at === null || at === document.body) return 'nowhere';
        if (at.closest('.mantine-AppShell-navbar') === null) return 'elsewhere';
        return at.tagName === 'A' ? 'link in the menu' : 'in the menu';
      })()`),
    );
  }
  return [...reached];
}
