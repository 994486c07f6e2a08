import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { browserPath, screenshotFile } from '../support/browser.ts';
import { OPEN_COURSE, useConsoleSchool } from '../support/console-school.ts';
import { signInProvider } from '../support/sign-in-provider.ts';

const clientId = 'pages';

describe.skipIf(browserPath === undefined)('Where people have accounts, the console', () => {
  const console_ = useConsoleSchool();

  /** A page of the console as it is behind CloudFront: it says who signs people in, and nobody is signed in. */
  async function arrive() {
    const { school, browser, signUp } = console_();
    await signUp('ada');
    const ada = await school.student('ada');
    await ada.call('enroll-directly', { params: { courseId: OPEN_COURSE } });
    await school.quiet();
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    const authority = `${school.url}/sign-in`;
    const signIn = { kind: 'oidc', authority, clientId };
    await page.route('**/console/config.json', (route) =>
      route.fulfill({ json: { apiUrl: '/', graphqlUrl: '/graphql', signIn } }),
    );
    const provider = await signInProvider(page, {
      authority,
      clientId,
      people: [
        { userId: 'the-admin', accessToken: () => school.token('the-admin', ['admin']) },
        { userId: 'ada', accessToken: () => school.token('ada', ['student']) },
      ],
    });
    await page.goto(`${school.url}/console/`);
    return { page, provider, errors, close: () => context.close() };
  }

  const live = (page: Page, views: number) =>
    expect.poll(() => page.locator('[data-view][data-live="true"]').count()).toBe(views);
  const kept = (page: Page) =>
    page.evaluate<string>('JSON.stringify({ ...sessionStorage }) + JSON.stringify({ ...localStorage })');

  it('lets an admin in and then a student, keeps both by their refresh tokens, and forgets both', async () => {
    const { page, provider, errors, close } = await arrive();
    try {
      await page.getByRole('button', { name: 'Sign in as an admin' }).click();
      await page.getByRole('link', { name: 'the-admin' }).click();
      await live(page, 4);
      // A code counts once: it is no part of the address that is loaded again, or sent to somebody.
      expect(new URL(page.url()).search).toBe('');
      await page.getByRole('button', { name: 'Sign in as a student' }).click();
      await page.getByRole('link', { name: 'ada' }).click();
      await live(page, 9);
      await page.screenshot({ path: await screenshotFile('signed-in'), fullPage: true });
      const codes = [
        ['authorization_code', 'the-admin'],
        ['authorization_code', 'ada'],
      ];
      expect(provider.granted).toEqual(codes);

      // A page that is loaded again knows them, and asks nobody.
      await page.reload();
      await live(page, 9);
      expect(provider.granted).toEqual(codes);

      // A token that the school refuses is replaced, and nobody notices.
      let refusals = 0;
      await page.route('**/me/progress', (route) => {
        refusals += 1;
        return refusals === 1
          ? route.fulfill({ status: 401, json: { message: 'Unauthorized' } })
          : route.continue();
      });
      await page.reload();
      await live(page, 9);
      expect(provider.granted).toEqual([...codes, ['refresh_token', 'ada']]);
      expect(await page.getByRole('alert').allTextContents()).toEqual([]);

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign in as an admin' }).waitFor();
      expect([...provider.revoked].sort()).toEqual(['ada', 'the-admin']);
      expect(await kept(page)).not.toMatch(/token/i);
      await page.reload();
      await page.getByRole('button', { name: 'Sign in as an admin' }).waitFor();
      expect(errors).toEqual([]);
    } finally {
      await close();
    }
  });

  it('says why nobody was signed in, and offers to try again', async () => {
    const { page, errors, close } = await arrive();
    try {
      await page.getByRole('button', { name: 'Sign in as an admin' }).click();
      await page.getByRole('link', { name: 'Leave' }).click();
      await page.getByRole('alert').getByText('Nobody signed in').waitFor();
      await page.getByRole('button', { name: 'Sign in as an admin' }).waitFor();
      expect(new URL(page.url()).search).toBe('');
      expect(errors).toEqual([]);
    } finally {
      await close();
    }
  });
});
