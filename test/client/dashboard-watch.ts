import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { SyncClient, SyncClientOptions } from '../../shared/client/sync-client.ts';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import type { StudentChange } from '../../shared/contracts/publish.ts';
import { visibleStudentChange } from '../../shared/domain/change.ts';
import type { EnrollmentState } from '../../shared/domain/states.ts';
import { enrollment, id } from '../domain/builders.ts';
import { studentChange } from '../support/change.ts';
import { settled, SyncSchool } from './sync-school.ts';

export const PATH = '/me/dashboard';

/** Ada's enrollment at a version; its progress is the version, so that a test sees which it is. */
export const at = (version: number): EnrollmentState =>
  enrollment({ userId: id<never>('ada'), version, progress: version });

export const shows = (version: number) => ({
  userId: 'ada',
  enrollments: [enrollmentView(at(version), 'A course')],
  requests: [],
});

export const tells = (version: number, change: Partial<StudentChange> = {}): StudentChange =>
  studentChange({
    views: ['StudentDashboard'],
    rows: [visibleStudentChange('enrollments', undefined, at(version))!.row],
    ...change,
  });

/** A change of a row that the dashboard does not show with its version. */
export const elsewhere = (version: number): StudentChange => {
  const [row] = studentChange().rows;
  return studentChange({ views: ['StudentDashboard'], rows: [{ ...row!, version }] });
};

/** What was shown, by the number that stands for the version. */
const progressOf = (update: ViewUpdate<'StudentDashboard'>) => update.data.enrollments[0]?.progress;

/** Until a view that shows already what was told is read again for it, in milliseconds. */
export const CONFIRM_MS = 250;

/**
 * Gives each test of a file a school that shows Ada's dashboard at version 1, fake timers, and one client at a time,
 * which is closed after the test and must leave no timer.
 */
export function useDashboardWatch() {
  let school: SyncSchool;
  let client: SyncClient;
  const updates: ViewUpdate<'StudentDashboard'>[] = [];

  /** Takes the place of the school before it, whose client the test closes. */
  function newSchool(): void {
    school = new SyncSchool();
    school.shows(PATH, shows(1));
  }

  function openClient(options: Partial<SyncClientOptions> = {}): void {
    client = school.client(options);
  }

  function watchAgain(): () => void {
    return client.watch({ view: 'StudentDashboard' }, (update) => updates.push(update));
  }

  function watch(options: Partial<SyncClientOptions> = {}): () => void {
    openClient(options);
    return watchAgain();
  }

  /** Watches until the view is live, and forgets how it came to that. */
  async function watchLive(options: Partial<SyncClientOptions> = {}): Promise<() => void> {
    const stop = watch(options);
    await settled();
    expect(updates.at(-1)).toMatchObject({ live: true });
    updates.length = school.asked.length = 0;
    return stop;
  }

  beforeEach(() => {
    vi.useFakeTimers();
    newSchool();
    updates.length = 0;
  });

  afterEach(() => {
    client.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  return {
    school: () => school,
    client: () => client,
    /** What the watches of the dashboard were told, in order. */
    updates,
    shown: () => updates.map((update) => [update.cause, progressOf(update)]),
    newSchool,
    openClient,
    watch,
    watchAgain,
    watchLive,
  };
}
