import { describe, expect, it, vi } from 'vitest';
import { adminChange } from '../support/change.ts';
import { elsewhere, tells, useDashboardWatch } from './dashboard-watch.ts';
import { adasToken, settled } from './sync-school.ts';

const { school, client, updates, openClient, watch, watchAgain, watchLive } = useDashboardWatch();

describe('watches', () => {
  it('share one connection, and one subscription for each topic', async () => {
    await watchLive();
    const stops = [
      watchAgain(),
      client().watch({ view: 'StudentProfile' }, () => undefined),
      client().watch({ view: 'AdminDashboard' }, () => undefined),
      client().watch({ view: 'AdminAnalytics', query: { courseId: 'c1' } }, () => undefined),
    ];
    await settled();
    expect(school().sockets.map((socket) => socket.subscriptions.size)).toEqual([2]);
    stops.forEach((stop) => stop());
    await settled();
    expect(school().sockets.map((socket) => socket.subscriptions.size)).toEqual([1]);
  });

  it('of admins hear the topic of the admins', async () => {
    openClient();
    school().shows('/admin/dashboard', { totals: {}, courses: [] });
    const onUpdate = vi.fn();
    client().watch({ view: 'AdminDashboard' }, onUpdate);
    await settled();
    await school().tell(adminChange());
    expect(onUpdate).toHaveBeenCalledWith(expect.objectContaining({ cause: 'event', event: adminChange() }));
  });

  it('end on their own, with the request that is under way', async () => {
    const stop = await watchLive();
    watchAgain();
    await settled();
    updates.length = 0;
    school().hold();
    school().signals.length = 0;
    await school().tell(elsewhere(1));
    stop();
    stop();
    expect(school().signals.map((signal) => signal.aborted)).toEqual([true, false]);
    await school().letGo();
    await school().tell(tells(2));
    expect(updates.filter(({ cause }) => cause === 'event')).toHaveLength(3);
    expect(school().errors).toEqual([]);
  });

  it('may be stopped by what they show', async () => {
    openClient();
    let calls = 0;
    const stop: () => void = client().watch({ view: 'StudentDashboard' }, () => {
      calls += 1;
      stop();
    });
    await vi.advanceTimersByTimeAsync(120_000);
    expect([calls, school().asked.length]).toEqual([1, 1]);
  });

  it('all end when the client is closed, and none begins after', async () => {
    await watchLive();
    client().close();
    client().close();
    expect(school().states).toEqual(['connecting', 'live', 'closed']);
    expect(school().sockets.map((socket) => socket.closed)).toEqual([true]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect([school().asked, updates, school().errors]).toEqual([[], [], []]);
    expect(watchAgain).toThrow('closed');
  });
});

describe('the student', () => {
  it('is whom the token names, in any script', async () => {
    const token = `x.${Buffer.from(JSON.stringify({ sub: 'Zoë>>>???' })).toString('base64url')}.x`;
    await watchLive({ token: async () => token });
    expect(school().sockets[0]?.userIds).toEqual(['Zoë>>>???']);
  });

  it('is the one given', async () => {
    await watchLive({ token: 'opaque', userId: 'eve' });
    expect(school().sockets[0]?.userIds).toEqual(['eve']);
  });

  it('is asked for again when there was no token', async () => {
    const token = vi.fn(() => adasToken);
    token.mockImplementationOnce(() => {
      throw new Error('signed out');
    });
    watch({ token });
    await settled();
    expect(school().states).toEqual(['connecting', 'polling']);
    expect(school().errors).toContainEqual(new Error('signed out'));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(school().states.at(-1)).toBe('live');
  });

  it('whose token never comes has views that are read again, and is live when one comes', async () => {
    let token: () => string | Promise<string> = () => new Promise(() => undefined);
    watch({ token: () => token() });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(school().states).toEqual(['connecting']);
    await vi.advanceTimersByTimeAsync(1);
    expect(school().states).toEqual(['connecting', 'polling']);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(school().errors).toEqual([
      new Error('no token in time'),
      new Error('StudentDashboard: no reply in time'),
    ]);
    token = () => adasToken;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(updates.at(-1)).toMatchObject({ live: true });
    expect(school().states.at(-1)).toBe('live');
  });

  it('who is nobody is told so, and stays without push', async () => {
    watch({ token: 'x.e30.x' });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(school().errors).toEqual([
      new Error('the token names nobody'),
      new Error('the token names nobody'),
    ]);
    expect(updates).toMatchObject([{ cause: 'loaded', live: false }]);
  });
});
