import { describe, expect, it, vi } from 'vitest';
import { elsewhere, PATH, shows, tells, useDashboardWatch } from './dashboard-watch.ts';
import { settled } from './sync-school.ts';

const { school, client, updates, shown, openClient, watch, watchLive } = useDashboardWatch();

describe('what goes wrong', () => {
  it('is reported, and the view read again, after twice the time each time up to the poll', async () => {
    await watchLive();
    school().fault = { status: 503 };
    await school().tell(elsewhere(1));
    for (const seconds of [1, 2, 4, 8, 15, 15]) {
      const before = school().asked.length;
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
      expect(school().asked).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(school().asked).toHaveLength(before + 1);
    }
    expect(school().errors).toHaveLength(7);
    school().fault = undefined;
    school().shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(shown().at(-1)).toEqual(['reloaded', 2]);
    school().fault = { status: 503 };
    await school().tell(elsewhere(2));
    school().asked.length = 0;
    await vi.advanceTimersByTimeAsync(1000);
    expect(school().asked).toHaveLength(1);
  });

  it('is told as not live, once, until a read succeeds, though that finds nothing new', async () => {
    await watchLive();
    school().fault = { status: 503 };
    await school().tell(elsewhere(1));
    await vi.advanceTimersByTimeAsync(3000);
    expect(school().asked).toHaveLength(3);
    expect(updates.map(({ cause, live }) => [cause, live])).toEqual([
      ['event', true],
      ['state', false],
    ]);
    school().fault = undefined;
    await vi.advanceTimersByTimeAsync(4000);
    expect(updates.slice(2)).toMatchObject([{ cause: 'reloaded', data: shows(1), live: true }]);
  });

  it('is over when a poll succeeds, which is told though nothing is new and nothing is pushed yet', async () => {
    await watchLive({ pollMs: 15_000 });
    school().up = false;
    await school().cut();
    school().fault = { status: 503 };
    await vi.advanceTimersByTimeAsync(15_000);
    updates.length = 0;
    school().fault = undefined;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(updates).toMatchObject([{ cause: 'reloaded', data: shows(1), live: false }]);
  });

  it('waits as long as a busy server asks', async () => {
    await watchLive();
    school().fault = { status: 503, headers: { 'retry-after': '7' } };
    await school().tell(elsewhere(1));
    await vi.advanceTimersByTimeAsync(6999);
    expect(school().asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(school().asked).toHaveLength(2);
  });

  it('is tried again no sooner for what is told meanwhile', async () => {
    await watchLive();
    school().fault = { status: 429, headers: { 'retry-after': '7' } };
    await school().tell(elsewhere(1));
    for (const version of [2, 3, 4]) {
      await vi.advanceTimersByTimeAsync(1000);
      await school().tell(elsewhere(version));
    }
    expect(school().asked).toHaveLength(1);
    school().fault = undefined;
    await vi.advanceTimersByTimeAsync(3999);
    expect(school().asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(school().asked).toHaveLength(2);
    await school().tell(elsewhere(5));
    expect(school().asked).toHaveLength(3);
  });

  it('ends a read that is never answered, and reads again', async () => {
    await watchLive();
    school().hold();
    await school().tell(elsewhere(1));
    await vi.advanceTimersByTimeAsync(29_999);
    expect(school().errors).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(school().errors).toEqual([new Error('StudentDashboard: no reply in time')]);
    await school().letGo();
    await vi.advanceTimersByTimeAsync(1000);
    expect(school().asked).toHaveLength(2);
  });

  it('waits for the regular read, or news, where the request is refused', async () => {
    await watchLive();
    school().fault = { status: 404 };
    await school().tell(elsewhere(1));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(school().asked).toHaveLength(1);
    await school().tell(elsewhere(2));
    expect(school().asked).toHaveLength(2);
  });

  it('in the page does not end the watch', async () => {
    openClient();
    const onUpdate = vi.fn().mockImplementationOnce(() => {
      throw new Error('the page is broken');
    });
    client().watch({ view: 'StudentDashboard' }, onUpdate);
    await settled();
    expect(onUpdate).toHaveBeenCalledTimes(2);
    expect(school().errors).toEqual([new Error('the page is broken')]);
  });

  it("in what the page does when it is told ends neither the watch nor the connection, and is the page's", async () => {
    const mistake = new Error('the page is broken');
    const broken = (): never => {
      throw mistake;
    };
    const reported = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const onUpdate = vi.fn(broken);
    openClient({ onError: broken, onState: broken });
    client().watch({ view: 'StudentDashboard' }, onUpdate);
    await settled();
    expect(onUpdate).toHaveBeenCalledTimes(2);
    school().fault = { status: 503 };
    await school().tell(elsewhere(1));
    await school().cut();
    school().fault = undefined;
    school().shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(1000);
    expect(onUpdate.mock.lastCall).toMatchObject([{ data: shows(2), live: true }]);
    await school().tell(tells(3));
    expect(onUpdate.mock.lastCall).toMatchObject([{ cause: 'event', data: shows(3) }]);
    expect(new Set(reported.mock.calls.flat())).toEqual(new Set([mistake]));
    const reportError = vi.fn();
    vi.stubGlobal('reportError', reportError);
    reported.mockClear();
    client().close();
    expect(reportError.mock.calls).toEqual([[mistake]]);
    expect(reported).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
    reported.mockRestore();
  });

  it('with a reply that is none does not end the watch', async () => {
    await watchLive();
    school().shows(PATH, { message: 'hello' });
    await school().tell(elsewhere(1));
    expect(school().errors).toHaveLength(1);
    school().shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown().at(-1)).toEqual(['reloaded', 2]);
  });

  it('with an event that cannot be read is made good by a read', async () => {
    await watchLive();
    school().shows(PATH, shows(2));
    await school().tellRaw('onStudentChange', { onStudentChange: { userId: 'ada' } });
    expect(shown()).toEqual([['reloaded', 2]]);
    expect(school().errors).toEqual([
      expect.objectContaining({ message: expect.stringMatching('unreadable') }),
    ]);
  });

  it('with a subscription that is refused leaves the views polled', async () => {
    school().refusal = 'Unauthorized';
    watch();
    await settled();
    expect(school().states).toEqual(['connecting', 'polling']);
    expect(school().errors).toEqual([new Error('refused: Unauthorized: no message')]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(school().asked).toHaveLength(2);
    // Somebody lets the student in, or the rules are mended.
    school().refusal = undefined;
    await vi.advanceTimersByTimeAsync(45_000);
    expect(school().states.at(-1)).toBe('live');
    expect(updates.at(-1)).toMatchObject({ live: true });
  });
});
