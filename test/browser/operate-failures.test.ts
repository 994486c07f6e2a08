import { describe, expect, it } from 'vitest';
import { browserPath, screenshotFile } from '../support/browser.ts';
import { OPEN_COURSE, useConsoleSchool } from '../support/console-school.ts';
import type { ConsoleWindow } from '../support/console-window.ts';
import { putCompletion } from './seeds.ts';

describe.skipIf(browserPath === undefined)('What is set aside', () => {
  const console_ = useConsoleSchool();

  /** A completion that nobody can read: the consumers of its table set it aside, each for itself. */
  async function malformed(userId: string, chapterId: string): Promise<void> {
    const { school } = console_();
    await putCompletion(school, { userId, courseId: OPEN_COURSE, chapterId }, 'malformed');
    await school.quiet();
  }

  async function atFailures(): Promise<ConsoleWindow> {
    const window = await console_().open('ada');
    await window.goTo({ page: 'failures', student: 'ada', course: OPEN_COURSE });
    return window;
  }

  const waiting = async () => (await (await console_().school.admin()).call('get-failures')).body.failures;
  const listed = ({ page }: ConsoleWindow) => expect.poll(() => page.locator('[data-failure]').count());
  const said = ({ page }: ConsoleWindow) =>
    expect.poll(() =>
      page
        .getByRole('region', { name: /^Set aside/ })
        .getByRole('status')
        .textContent(),
    );

  async function redriveAll({ page }: ConsoleWindow) {
    await page.getByRole('button', { name: 'Redrive all' }).click();
    const dialog = page.getByRole('dialog', { name: 'Redrive all that is set aside?' });
    return { dialog, confirm: () => dialog.getByRole('button', { name: 'Redrive all' }).click() };
  }

  it('is listed; what is mended is redriven, and what is not can be dropped with a reason', async () => {
    const { school, signUp } = console_();
    await signUp('ada');
    const student = await school.student('ada');
    await student.call('enroll-directly', { params: { courseId: OPEN_COURSE } });
    await malformed('ada', 'read');
    await malformed('ada', 'watch');
    const [mended, left] = [2, 2];
    const window = await atFailures();
    await listed(window).toBe(mended + left);
    for (const consumer of ['project-progress', 'aggregate-analytics']) {
      expect(await window.page.locator('[data-failure]', { hasText: consumer }).count()).toBe(2);
    }
    await window.page.screenshot({ path: await screenshotFile('operate-set-aside'), fullPage: true });

    await putCompletion(school, { userId: 'ada', courseId: OPEN_COURSE, chapterId: 'read' }, 'whole');
    await school.quiet();
    const { dialog, confirm } = await redriveAll(window);
    await confirm();
    await dialog.waitFor({ state: 'detached' });
    await listed(window).toBe(left);
    await said(window).toContain('2 redriven');
    await said(window).toContain('2 stay');
    expect(await waiting()).toHaveLength(left);
    await school.quiet();
    expect((await student.call('get-student-dashboard')).body.enrollments[0]?.progress).toBe(33);

    const [dropped] = await waiting();
    await window.page.locator(`[data-failure="${dropped?.failureId}"]`).getByRole('checkbox').check();
    await window.page.getByRole('button', { name: 'Drop 1' }).click();
    const why = window.page.getByRole('dialog', { name: 'Drop 1 record?' });
    const drop = why.getByRole('button', { name: 'Drop' });
    expect(await drop.isDisabled()).toBe(true);
    await why.getByLabel('Why').fill('It was made so');
    await drop.click();
    await why.waitFor({ state: 'detached' });
    await listed(window).toBe(left - 1);
    await said(window).toBe('1 dropped');
    const admin = await school.admin();
    const params = { failureId: dropped?.failureId ?? '' };
    const { body } = await admin.call('get-failure', { params });
    expect(body).toMatchObject({ status: 'dropped', note: 'It was made so' });
    expect(await window.page.getByRole('alert').allTextContents()).toEqual([]);
    expect(window.errors).toEqual([]);
  });

  it('is asked about until what was confirmed is done: Escape does not close a question that is at work', async () => {
    await malformed('ben', 'read');
    const window = await atFailures();
    await listed(window).toBeGreaterThan(0);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let asked = 0;
    await window.page.route('**/admin/failures/redrive?*', async (route) => {
      asked += 1;
      await held;
      await route.continue();
    });
    // Escape leaves it while nothing is under way.
    const first = await redriveAll(window);
    await first.dialog.waitFor();
    await window.page.keyboard.press('Escape');
    await first.dialog.waitFor({ state: 'detached' });

    const { dialog, confirm } = await redriveAll(window);
    await confirm();
    await expect.poll(() => asked).toBe(1);
    for (const key of ['Escape', 'Enter']) await window.page.keyboard.press(key);
    await window.still();
    expect(await dialog.isVisible()).toBe(true);
    expect(await dialog.getByRole('button', { name: 'Leave it' }).isDisabled()).toBe(true);
    expect(asked).toBe(1);
    release();
    await dialog.waitFor({ state: 'detached' });
    await said(window).toContain('stay');
    expect(window.errors).toEqual([]);
  });
});
