import { beforeEach, describe, expect, it, vi } from 'vitest';
import { courseProgress } from '../../shared/contracts/course-progress.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import type { RowChange, StudentChange } from '../../shared/contracts/publish.ts';
import { visibleStudentChange } from '../../shared/domain/change.ts';
import type { ProgressState } from '../../shared/domain/states.ts';
import { enrollment, id, progress } from '../domain/builders.ts';
import { studentChange } from '../support/change.ts';
import { at, CONFIRM_MS, PATH, shows, tells, useDashboardWatch } from './dashboard-watch.ts';
import { settled } from './sync-school.ts';

const { school, client, updates, shown, openClient, watch, watchLive } = useDashboardWatch();

describe('an older version never follows a newer one', () => {
  it('though a read that began before the event is answered after it', async () => {
    await watchLive({ revalidateMs: 1000 });
    school().shows(PATH, { ...shows(1), cursor: 'old' });
    school().hold();
    await vi.advanceTimersByTimeAsync(1000);
    school().shows(PATH, { ...shows(2), cursor: 'new' });
    await school().tell(tells(2));
    await school().letGo();
    await vi.advanceTimersByTimeAsync(CONFIRM_MS);
    expect(shown()).toEqual([
      ['event', 2],
      ['reloaded', 2],
      ['reloaded', 2],
    ]);
    expect(updates.map(({ data }) => data.cursor)).toEqual([undefined, 'old', 'new']);
    expect(school().asked).toHaveLength(2);
  });

  it('though the event comes before the first reply', async () => {
    school().hold();
    watch();
    await settled();
    await school().tell(tells(2));
    school().shows(PATH, shows(2));
    await school().letGo();
    expect(shown()).toEqual([
      ['loaded', 2],
      ['reloaded', 2],
    ]);
  });

  it('though another row that repeats the older one is told after it', async () => {
    const first = enrollment({ userId: id<never>('ada'), progress: 10, progressVersion: 1 });
    school().shows(PATH, { ...shows(1), enrollments: [enrollmentView(first, 'A course')] });
    await watchLive();
    const views: StudentChange['views'] = ['StudentDashboard'];
    const third = progress({ userId: id<never>('ada'), version: 3, totalProgress: 10 });
    const row = visibleStudentChange('studentProgress', progress({ userId: id<never>('ada') }), third)!.row;
    await school().tell(studentChange({ views, rows: [row] }));
    const second = { ...first, version: 2, progress: 20, progressVersion: 2, source: 'admin' } as const;
    const late = visibleStudentChange('enrollments', first, second)!.row;
    await school().tell(studentChange({ views, rows: [late], eventId: 'late' }));
    expect(updates.map(({ data }) => data.enrollments[0]?.progress)).not.toContain(20);
  });

  it('though what is read lags behind: then it is read again, a few times', async () => {
    await watchLive();
    await school().tell(tells(2));
    for (const [ms, reads] of [
      [CONFIRM_MS, 1],
      [100, 2],
      [200, 3],
      [400, 4],
      [800, 5],
      [1600, 6],
      [59_999, 6],
      [1, 7],
    ] as const) {
      await vi.advanceTimersByTimeAsync(ms);
      expect(school().asked).toHaveLength(reads);
    }
    expect(shown()).toEqual([['event', 2]]);
    await school().tell(tells(3));
    await vi.advanceTimersByTimeAsync(CONFIRM_MS);
    await vi.advanceTimersByTimeAsync(100);
    expect(school().asked).toHaveLength(9);
  });

  it('and it is read again only until it has caught up', async () => {
    await watchLive();
    await school().tell(tells(2));
    await vi.advanceTimersByTimeAsync(CONFIRM_MS);
    school().shows(PATH, shows(3));
    await vi.advanceTimersByTimeAsync(100);
    expect(shown()).toEqual([
      ['event', 2],
      ['reloaded', 3],
    ]);
    expect(updates.map(({ confirmed }) => confirmed)).toEqual([false, true]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(school().asked).toHaveLength(2);
  });

  it('and it is read as often again when it lags behind another time', async () => {
    await watchLive({ revalidateMs: 60_000 });
    await school().tell(tells(2));
    await vi.advanceTimersByTimeAsync(10_000);
    school().shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(60_000);
    school().shows(PATH, shows(1));
    await vi.advanceTimersByTimeAsync(50_000);
    school().asked.length = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(school().asked).toHaveLength(6);
    expect(shown().map(([, progress]) => progress)).not.toContain(1);
  });

  it('though a row that is gone is read once more', async () => {
    await watchLive();
    const gone: RowChange = { ...visibleStudentChange('enrollments', at(1), undefined)!.row };
    await school().tell(tells(2, { rows: [gone] }));
    await vi.advanceTimersByTimeAsync(100);
    expect(shown()).toEqual([['event', undefined]]);
    school().shows(PATH, { ...shows(1), enrollments: [], cursor: 'new' });
    await vi.advanceTimersByTimeAsync(200);
    expect(shown().at(-1)).toEqual(['reloaded', undefined]);
  });

  it('though one read is answered by a replica that is older than the last', async () => {
    await watchLive({ revalidateMs: 1000 });
    school().shows(PATH, shows(5));
    await vi.advanceTimersByTimeAsync(1000);
    school().shows(PATH, shows(4));
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown().map(([, progress]) => progress)).toEqual([5, 5]);
  });
});

describe('what was told of a row step by step', () => {
  const chapters = ['a', 'b', 'c', 'd'];
  /** Ada's progress at a version: with each, one chapter more is complete. */
  const studied = (version: number): ProgressState => {
    const complete = chapters
      .slice(0, version - 1)
      .map((chapter) => [chapter, { version: 1, completedAt: '' }]);
    return progress({
      userId: id<never>('ada'),
      version,
      completedItems: version - 1,
      completedChapters: Object.fromEntries(complete),
    });
  };
  const reads = (version: number, cursor?: string) => ({
    courses: [courseProgress(studied(version), 'A course')],
    ...(cursor !== undefined && { cursor }),
  });
  const tellsOf = (row: RowChange) => studentChange({ views: ['StudentProgress'], rows: [row] });
  const step = (version: number) =>
    tellsOf(visibleStudentChange('studentProgress', studied(version - 1), studied(version))!.row);
  const removal = () => tellsOf(visibleStudentChange('studentProgress', studied(3), undefined)!.row);
  let seen: (readonly string[] | undefined)[];

  beforeEach(async () => {
    school().shows('/me/progress', reads(1));
    openClient();
    seen = [];
    client().watch({ view: 'StudentProgress' }, ({ data }) => seen.push(data.courses[0]?.completedChapters));
    await settled();
    seen.length = 0;
  });

  it('stays whole, though what is read lags behind by several steps', async () => {
    school().shows('/me/progress', reads(2, 'lags'));
    for (const version of [2, 3, 4]) await school().tell(step(version));
    await vi.advanceTimersByTimeAsync(CONFIRM_MS);
    school().shows('/me/progress', reads(2, 'lags on'));
    await vi.advanceTimersByTimeAsync(100);
    school().shows('/me/progress', reads(5));
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen.at(-1)).toEqual(chapters);
    seen.forEach((now, index) => expect(now).toEqual(expect.arrayContaining([...(seen[index - 1] ?? [])])));
    expect(seen.length).toBeGreaterThan(4);
  });

  it('stays away once the row is gone, though what is read still has it', async () => {
    await school().tell(step(2));
    await school().tell(removal());
    school().shows('/me/progress', reads(3, 'lags'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen.slice(-2)).toEqual([undefined, undefined]);
    school().shows('/me/progress', { courses: [] });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen.at(-1)).toBeUndefined();
  });

  it('is in its newest version at first, though the first reply is older, and whole when it is read', async () => {
    school().hold();
    seen.length = 0;
    client().watch({ view: 'StudentProgress' }, ({ data }) => seen.push(data.courses[0]?.completedChapters));
    for (const version of [2, 3]) await school().tell(step(version));
    seen.length = 0;
    school().shows('/me/progress', reads(3));
    await school().letGo();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen.at(-1)).toEqual(['a', 'b']);
  });
});
