import { describe, expect, it } from 'vitest';
import { type AnyUpdate, createActions } from '../../console/src/actions.ts';
import type { ViewName } from '../../shared/client/watched-views.ts';

function clock() {
  let at = 1000;
  return { now: () => at, pass: (ms: number) => (at += ms) };
}

/** A view that was told of rows by the causes named. */
function told(view: ViewName, ...causes: string[]): AnyUpdate {
  const rows = causes.map((causedBy, version) => ({
    table: 'enrollments',
    key: `ada#course-${version}`,
    version,
    removed: false,
    causedBy,
    causedAt: '2026-11-23T00:00:00.000Z',
    values: {},
  }));
  const at = '2026-11-23T00:00:00.000Z';
  const event = { userId: 'ada', eventId: causes.join(), at, views: [], rows };
  return {
    view,
    data: {},
    etag: '"1"',
    at: new Date(at),
    cause: 'event',
    live: true,
    confirmed: false,
    event,
  };
}

const replying = (requestId: string) => () => Promise.resolve({ requestId });

describe('What is done in the console', () => {
  it('is recorded with its name, its times and the request it was', async () => {
    const time = clock();
    const actions = createActions(time.now);
    await actions.perform(['Direct Enrollment', 'Enroll Directly'], async () => {
      time.pass(30);
      return { requestId: 'r1' };
    });
    expect(actions.records()).toEqual([
      {
        id: 1,
        name: 'Direct Enrollment',
        alsoNamed: ['Enroll Directly'],
        startedAt: 1000,
        repliedAt: 1030,
        requestId: 'r1',
        failed: false,
        seen: new Map(),
      },
    ]);
  });

  it('is called what its reply shows it to be as well', async () => {
    const actions = createActions();
    await actions.perform('Quiz Submit', replying('r1'), () => ['Quiz Passed']);
    expect(actions.records()[0]?.alsoNamed).toEqual(['Quiz Passed']);
  });

  it('is recorded as failed when it is refused, and the refusal is passed on', async () => {
    const actions = createActions();
    const refused = actions.perform('Unenroll', () => Promise.reject(new Error('no')));
    await expect(refused).rejects.toThrow('no');
    expect(actions.records()).toMatchObject([{ name: 'Unenroll', failed: true }]);
  });

  it('is seen by a view when an event tells of its request, the first time', async () => {
    const time = clock();
    const actions = createActions(time.now);
    await actions.perform('Leave', replying('r1'));
    time.pass(40);
    actions.hear(told('AdminDashboard', 'another', 'r1'));
    time.pass(40);
    actions.hear(told('AdminDashboard', 'r1'));
    actions.hear(told('AdminStudents', 'r1'));
    expect([...(actions.records()[0]?.seen ?? [])]).toEqual([
      ['AdminDashboard', 40],
      ['AdminStudents', 80],
    ]);
  });

  it('is seen also when the event comes before the reply', async () => {
    const time = clock();
    const actions = createActions(time.now);
    await actions.perform('Leave', async () => {
      time.pass(20);
      actions.hear(told('StudentCourses', 'r1'));
      time.pass(5);
      return { requestId: 'r1' };
    });
    expect(actions.records()[0]?.seen.get('StudentCourses')).toBe(20);
  });

  it('is not seen by what another caused, or by a view that was only read', async () => {
    const actions = createActions();
    await actions.perform('Leave', replying('r1'));
    actions.hear(told('StudentCourses', 'r2'));
    const { event: _, ...read } = told('StudentCourses');
    actions.hear({ ...read, cause: 'reloaded' });
    expect(actions.records()[0]?.seen.size).toBe(0);
  });

  it('tells its listeners of every record and every update, until they stop', async () => {
    const actions = createActions();
    const heard: string[] = [];
    let changes = 0;
    const stops = [
      actions.onEvent(({ view }) => void heard.push(view)),
      actions.subscribe(() => void (changes += 1)),
    ];
    const before = actions.records();
    await actions.perform('Leave', replying('r1'));
    actions.hear(told('AdminRequests', 'r1'));
    expect(actions.records()).not.toBe(before);
    expect({ heard, changes }).toEqual({ heard: ['AdminRequests'], changes: 3 });
    for (const stop of stops) stop();
    actions.hear(told('AdminRequests', 'r2'));
    await actions.perform('Leave', replying('r2'));
    expect({ heard, changes }).toEqual({ heard: ['AdminRequests'], changes: 3 });
  });

  it('gives the same records until there are others', async () => {
    const actions = createActions();
    await actions.perform('Leave', replying('r1'));
    const records = actions.records();
    actions.hear(told('AdminRequests', 'another'));
    expect(actions.records()).toBe(records);
  });
});
