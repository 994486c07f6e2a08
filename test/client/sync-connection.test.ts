import { describe, expect, it, vi } from 'vitest';
import { elsewhere, PATH, shows, tells, useDashboardWatch } from './dashboard-watch.ts';
import { settled } from './sync-school.ts';

const { school, client, updates, shown, newSchool, watch, watchAgain, watchLive } = useDashboardWatch();

describe('while the connection is down', () => {
  it('views are polled, however often the connection fails, and are no longer live', async () => {
    await watchLive();
    school().up = false;
    await school().cut();
    expect(school().states.at(-1)).toBe('polling');
    await vi.advanceTimersByTimeAsync(14_999);
    expect(school().asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(school().asked).toHaveLength(1);
    expect(updates).toMatchObject([{ cause: 'state', data: shows(1), live: false }]);
    school().shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(updates.slice(1)).toMatchObject([{ cause: 'reloaded', data: shows(2), live: false }]);
  });

  it('a view tells at once that it is no longer live, and the same data of the same time stay', async () => {
    await watchLive();
    watchAgain();
    await settled();
    const [before] = updates.splice(0);
    await vi.advanceTimersByTimeAsync(1000);
    school().up = false;
    await school().cut();
    const { data, etag, at } = before!;
    const expected = {
      view: 'StudentDashboard',
      data,
      etag,
      at,
      cause: 'state',
      live: false,
      confirmed: true,
    };
    expect(updates).toEqual([{ ...expected, at: expect.any(Date) }, expected]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(updates).toHaveLength(2);
  });

  it('a view that shows nothing yet has nothing to tell of it', async () => {
    school().hold();
    watch();
    await settled();
    school().up = false;
    await school().cut();
    expect(updates).toEqual([]);
    await school().letGo();
    expect(updates).toMatchObject([{ cause: 'loaded', live: false }]);
  });

  it('pages that were cut off together do not all poll at the same moment', async () => {
    await watchLive({ random: () => 0.5 });
    school().up = false;
    await school().cut();
    await vi.advanceTimersByTimeAsync(13_500);
    expect(school().asked).toHaveLength(1);
  });

  it('ends with a read, as events may have been missed', async () => {
    await watchLive();
    school().shows(PATH, shows(2));
    await school().cut();
    expect(shown()).toEqual([['state', 1]]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(school().states).toEqual(['connecting', 'live', 'polling', 'live']);
    expect(updates.slice(1)).toMatchObject([{ cause: 'reloaded', data: shows(2), live: true }]);
    expect(school().asked).toHaveLength(1);
    await school().tell(tells(3));
    expect(shown().at(2)).toEqual(['event', 3]);
  });

  it('a page that is opened shows its views all the same', async () => {
    school().up = false;
    watch();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(updates).toMatchObject([{ cause: 'loaded', live: false }]);
    expect(school().asked).toHaveLength(2);
  });

  it('a read that was under way does not count as live', async () => {
    await watchLive({ revalidateMs: 1000 });
    school().shows(PATH, shows(2));
    school().hold();
    await vi.advanceTimersByTimeAsync(1000);
    school().up = false;
    await school().cut();
    await school().letGo();
    expect(updates).toMatchObject([
      { cause: 'state', live: false },
      { data: shows(2), live: false },
    ]);
  });
});

describe('when the connection is back', () => {
  it('a read that hangs is given up for another at once', async () => {
    await watchLive();
    school().hold();
    await school().tell(elsewhere(1));
    await school().cut();
    school().shows(PATH, shows(2));
    school().letNewThrough();
    await vi.advanceTimersByTimeAsync(500);
    expect(school().states.at(-1)).toBe('live');
    expect(school().signals.at(-2)?.aborted).toBe(true);
    expect(school().asked).toHaveLength(2);
    expect(updates.at(-1)).toMatchObject({ cause: 'reloaded', data: shows(2), live: true });
    // The reply to the one given up is nobody's any more.
    await school().letGo();
    expect(updates.at(-1)).toMatchObject({ data: shows(2) });
    await vi.advanceTimersByTimeAsync(40_000);
    expect([school().asked.length, school().errors]).toEqual([2, []]);
  });

  it('the first read goes on, unless it hangs as well', async () => {
    school().hold();
    watch();
    await settled();
    expect(school().states.at(-1)).toBe('live');
    expect(school().signals.map(({ aborted }) => aborted)).toEqual([false]);
    client().close();
    newSchool();
    school().up = false;
    school().hold();
    watch();
    await vi.advanceTimersByTimeAsync(5001);
    school().up = true;
    school().letNewThrough();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(school().signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(updates).toMatchObject([{ cause: 'loaded', live: true }]);
  });

  it('a view whose reads failed is read at once, and fails as for the first time', async () => {
    await watchLive();
    school().fault = { status: 503 };
    school().up = false;
    await school().cut();
    await vi.advanceTimersByTimeAsync(60_000);
    school().up = true;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(school().states.at(-1)).toBe('live');
    const before = school().asked.length;
    await school().cut();
    await vi.advanceTimersByTimeAsync(500);
    expect(school().asked).toHaveLength(before + 1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(school().asked).toHaveLength(before + 2);
  });

  it('what it says again, as an event could not be read, ends no read', async () => {
    await watchLive();
    school().hold();
    school().signals.length = 0;
    for (const _ of [1, 2, 3]) await school().tellRaw('onStudentChange', { onStudentChange: {} });
    expect(school().signals.map(({ aborted }) => aborted)).toEqual([false]);
    await school().letGo();
    expect(school().asked).toHaveLength(2);
  });
});
