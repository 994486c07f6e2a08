import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { legacySchool } from '../fixtures/legacy-school.ts';
import { browserPath, screenshotFile } from '../support/browser.ts';
import { OPEN_COURSE, useConsoleSchool } from '../support/console-school.ts';
import type { ConsoleWindow } from '../support/console-window.ts';
import { threeChapters } from '../support/courses.ts';
import { ended } from '../support/jobs.ts';
import { damageProgress, settled } from './seeds.ts';

const LEARNERS = ['ada', 'ben', 'cyn'];

describe.skipIf(browserPath === undefined)('An operator of the school', () => {
  const console_ = useConsoleSchool();
  const course = { courseId: OPEN_COURSE };

  /** People of whom the first so many have read the first of the three chapters. */
  async function enrolled(readers: number): Promise<void> {
    const { school, signUp } = console_();
    for (const [index, userId] of LEARNERS.entries()) {
      await signUp(userId);
      const student = await school.student(userId);
      await student.call('enroll-directly', { params: course });
      if (index < readers) {
        await student.call('complete-chapter', { params: { ...course, chapterId: 'read' } });
      }
    }
    await school.quiet();
  }

  async function atJobs(): Promise<ConsoleWindow> {
    const window = await console_().open('ada');
    await window.goTo({ page: 'jobs', student: 'ada', course: OPEN_COURSE });
    return window;
  }

  /** Fills in the form, confirms, and resolves to the id of the job that began. */
  async function start({ page }: ConsoleWindow, kind: 'Reconcile' | 'Migrate'): Promise<string> {
    const before = await page.locator('[data-job]').count();
    const form = page.getByRole('region', { name: 'Look after the whole school' });
    await form.getByText(kind, { exact: true }).click();
    await form.getByText('Repair', { exact: true }).click();
    const skip = form.getByLabel('Skip the last');
    await skip.fill('1');
    expect(await skip.inputValue()).toBe('1 s');
    await form.getByRole('button', { name: 'Start' }).click();
    const dialog = page.getByRole('dialog', { name: `${kind} the school?` });
    await dialog.getByRole('button', { name: 'Repair' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.locator('[data-job]').count()).toBe(before + 1);
    const jobId = await page.locator('[data-job]').first().getAttribute('data-job');
    return jobId ?? '';
  }

  const stateOf = ({ page }: ConsoleWindow, jobId: string) =>
    expect.poll(() => page.locator(`[data-job="${jobId}"]`).getAttribute('data-status'));
  const detailOf = ({ page }: ConsoleWindow, jobId: string) => page.getByRole('region', { name: jobId });

  async function expectNeverLoadedAgain({ page, errors }: ConsoleWindow): Promise<void> {
    expect(await page.evaluate('performance.getEntriesByType("navigation").length')).toBe(1);
    expect(await page.evaluate('window.seen.length')).toBeGreaterThan(0);
    expect(await page.getByRole('alert').allTextContents()).toEqual([]);
    expect(errors).toEqual([]);
  }

  it('repairs a row that is wrong, and sees the job run, end, and what it found, without loading the page again', async () => {
    const { school } = console_();
    await enrolled(1);
    const key = { userId: 'ada', ...course };
    await damageProgress(school, key, 90);
    await school.quiet();
    await settled();
    const window = await atJobs();

    const jobId = await start(window, 'Reconcile');
    await stateOf(window, jobId).toBe('running');
    const detail = detailOf(window, jobId);
    await detail.getByRole('button', { name: 'Stop the job' }).waitFor();
    await ended(school, await school.admin(), jobId);
    await stateOf(window, jobId).toBe('done');
    const progress = detail.getByRole('row', { name: /^progress / });
    // Checked, missing, wrong, orphaned, repaired.
    await expect
      .poll(() => progress.getByRole('cell').allTextContents())
      .toEqual([expect.stringMatching(/^\d+$/), '0', '1', '0', '1']);
    expect(await detail.getByText(`studentProgress#ada#${OPEN_COURSE}`).count()).toBe(1);
    await detail.getByRole('button', { name: 'Stop the job' }).waitFor({ state: 'detached' });
    await window.page.screenshot({ path: await screenshotFile('operate-repaired'), fullPage: true });

    const { Item } = await school.documents.send(new GetCommand({ TableName: 'studentProgress', Key: key }));
    expect(Item).toMatchObject({ totalProgress: 33 });
    const admin = await school.admin();
    expect((await admin.call('explain-progress', { params: key })).body).toMatchObject({ inStep: true });
    await expectNeverLoadedAgain(window);
  }, 180_000);

  it('stops a job, and is told that it stopped', async () => {
    const { school } = console_();
    const window = await atJobs();
    const jobId = await start(window, 'Reconcile');
    const detail = detailOf(window, jobId);
    await detail.getByRole('button', { name: 'Stop the job' }).click();
    const dialog = window.page.getByRole('dialog', { name: 'Stop the job?' });
    await dialog.getByRole('button', { name: 'Stop it' }).click();
    await dialog.waitFor({ state: 'detached' });
    await detail.getByText('stopped', { exact: true }).waitFor();
    await stateOf(window, jobId).toBe('stopped');
    await detail.getByRole('button', { name: 'Stop the job' }).waitFor({ state: 'detached' });
    const { body: job } = await (await school.admin()).call('get-job', { params: { jobId } });
    expect(job.status).toBe('stopped');
    await expectNeverLoadedAgain(window);
  });

  it('sees how many learners a draft would raise or lower, and once more for another draft', async () => {
    const { school } = console_();
    await enrolled(2);
    const admin = await school.admin();
    const { outline } = threeChapters();
    const [read, ...others] = outline.chapters;
    const draft = async (chapters: typeof outline.chapters) => {
      const body = threeChapters({ title: 'The heart', outline: { chapters } });
      await admin.call('put-course', { params: course, body });
    };
    const window = await atJobs();
    const panel = window.page.getByRole('region', { name: 'What a draft would do' });
    const figures = async () =>
      (await panel.locator('.figures > div').allTextContents()).map((text) => text.replace(/(\d+)$/, ' $1'));
    const shown = expect.poll(figures);
    const ask = () => panel.getByRole('button', { name: 'Preview' }).click();

    // Without the chapter that two of the three have read, these fall.
    await draft(others);
    await panel.getByLabel('Course').click();
    await window.page.getByRole('option', { name: 'The heart' }).click();
    await ask();
    await shown.toEqual(['learners 3', 'rise 0', 'fall 2', 'complete 0', 'complete no more 0']);
    await window.page.screenshot({ path: await screenshotFile('operate-preview'), fullPage: true });

    // With no other chapter they have it all.
    await draft(read === undefined ? [] : [read]);
    await window.still();
    expect(await figures()).toContain('fall 2');
    await ask();
    await expect
      .poll(figures)
      .toEqual(['learners 3', 'rise 2', 'fall 0', 'complete 2', 'complete no more 0']);
    await expectNeverLoadedAgain(window);
  });

  // The last, as what is not brought into the form of today would be in the way of the others.
  it('brings an old school into the form of today', async () => {
    const { school } = console_();
    const window = await atJobs();
    const legacy = legacySchool({ seed: 1, learners: 3 });
    for (const [TableName, rows] of Object.entries(legacy)) {
      for (const Item of rows) await school.documents.send(new PutCommand({ TableName, Item }));
    }
    await school.quiet();
    const jobId = await start(window, 'Migrate');
    await stateOf(window, jobId).toBe('running');
    const admin = await school.admin();
    const job = await ended(school, admin, jobId);
    expect(job).toMatchObject({ status: 'done', parameters: { repair: true } });
    await stateOf(window, jobId).toBe('done');
    const line = window.page.locator(`[data-job="${jobId}"]`);
    expect(await line.textContent()).toMatch(/^migrate, .*repair/);
    await expect.poll(() => line.textContent()).toMatch(/[1-9]\d* items done/);
    await detailOf(window, jobId).getByText('done', { exact: true }).waitFor();
    await window.page.screenshot({ path: await screenshotFile('operate-migrated'), fullPage: true });
    const [enrollment] = legacy.enrollments ?? [];
    const params = { userId: String(enrollment?.userId), courseId: String(enrollment?.courseId) };
    expect((await admin.call('explain-progress', { params })).body).toMatchObject({ inStep: true });
    await expectNeverLoadedAgain(window);
  }, 180_000);
});
