import type { AdminChange, RowChange, StudentChange } from '../../shared/contracts/publish.ts';

const row: RowChange = {
  table: 'studentProgress',
  key: 'ada#algebra',
  version: 3,
  removed: false,
  causedBy: 'request-1',
  causedAt: '2026-01-02T03:04:05.000Z',
  values: { totalProgress: 40 },
};

/** A whole event on a student's topic. */
export function studentChange(changes: Partial<StudentChange> = {}): StudentChange {
  const at = '2026-01-02T03:04:05.678Z';
  return { userId: 'ada', eventId: 'event-1', at, views: ['StudentProgress'], rows: [row], ...changes };
}

/** A whole event on the admins' topic. */
export function adminChange(changes: Partial<AdminChange> = {}): AdminChange {
  const at = '2026-01-02T03:04:05.678Z';
  return { topic: 'admin', eventId: 'event-2', at, views: ['AdminDashboard'], rows: [row], ...changes };
}
