import { describe, expect, it } from 'vitest';
import type { Request } from 'playwright-core';
import { browserPath, screenshotFile } from '../support/browser.ts';
import { OPEN_COURSE, useConsoleSchool } from '../support/console-school.ts';
import { markedByHand, publish } from '../support/courses.ts';

const ESSAY = 'essay';

describe.skipIf(browserPath === undefined)('What is sent from the console', () => {
  const console_ = useConsoleSchool();

  async function enrolled(userId: string, courseId: string) {
    const { school, signUp } = console_();
    await signUp(userId);
    const student = await school.student(userId);
    await student.call('enroll-directly', { params: { courseId } });
    await school.quiet();
    return student;
  }

  async function attemptsOf(userId: string, courseId: string) {
    const admin = await console_().school.admin();
    const { body } = await admin.call('explain-progress', { params: { userId, courseId } });
    return body.items.flatMap(({ facts }) => facts.filter(({ from }) => from === 'quizAttempts'));
  }

  it('is a mark only when a score was typed, and no score is left over for the next attempt', async () => {
    const { school, open } = console_();
    await publish(await school.admin(), ESSAY, markedByHand());
    const student = await enrolled('ada', ESSAY);
    for (const attemptId of ['first', 'second']) {
      const params = { courseId: ESSAY, quizId: ESSAY, attemptId };
      await student.call('submit-quiz-attempt', { params, body: {} });
    }
    await school.quiet();
    const window = await open('ada');
    await window.goTo({ page: 'school', student: 'ada', course: ESSAY });
    await window.live();
    const sent: Request[] = [];
    window.page.on('request', (request) => {
      if (request.method() !== 'OPTIONS' && request.url().endsWith('/mark')) sent.push(request);
    });
    const group = window.controls('admin').getByRole('group', { name: 'Mark an attempt' });
    const [score, mark] = [group.getByLabel('Score'), group.getByRole('button', { name: 'Mark' })];
    await score.waitFor();
    expect(await score.inputValue()).toBe('');
    expect(await mark.isDisabled()).toBe(true);
    await score.press('Enter');
    await window.still();
    expect(sent).toEqual([]);

    await score.fill('70');
    await mark.click();
    await expect.poll(() => score.inputValue()).toBe('');
    expect(await mark.isDisabled()).toBe(true);
    // The other one is shown, which is not marked yet.
    await expect.poll(() => group.getByLabel('Attempt').inputValue()).toBe('first');
    await score.press('Enter');
    await window.still();
    expect(sent).toHaveLength(1);
    await window.page.screenshot({ path: await screenshotFile('operate-marked'), fullPage: true });
    const marks = (await attemptsOf('ada', ESSAY)).map((fact) => ('score' in fact ? fact.score : 'none'));
    expect(marks).toEqual([null, 70]);
    expect(window.errors).toEqual([]);
  });

  it('is the same attempt when it is sent again because the reply was lost', async () => {
    await enrolled('ben', OPEN_COURSE);
    const window = await console_().open('ben');
    const sent: string[] = [];
    await window.page.route('**/quizzes/*/attempts/*', async (route) => {
      if (route.request().method() === 'OPTIONS') return route.continue();
      sent.push(route.request().url());
      if (sent.length > 1) return route.continue();
      // The school takes it, and the page never hears so.
      expect((await route.fetch()).ok()).toBe(true);
      return route.abort('connectionreset');
    });
    const controls = window.controls('student');
    await controls.getByRole('button', { name: 'Answer: Quiz' }).click();
    const groups = controls.getByRole('radiogroup');
    for (const group of await groups.all()) await group.getByLabel('Wrong').check();
    const handIn = controls.getByRole('button', { name: 'Hand in Quiz' });
    await handIn.click();
    await controls.getByRole('alert').waitFor();
    await window.still();
    await window.page.screenshot({ path: await screenshotFile('operate-lost-reply'), fullPage: true });
    // What was answered is there still.
    for (const group of await groups.all()) expect(await group.getByLabel('Wrong').isChecked()).toBe(true);
    await handIn.click();
    await handIn.waitFor({ state: 'detached' });
    expect(sent).toHaveLength(2);
    expect(new Set(sent).size).toBe(1);
    await console_().school.quiet();
    expect(await attemptsOf('ben', OPEN_COURSE)).toHaveLength(1);
    expect(window.errors).toEqual([]);
  });
});
