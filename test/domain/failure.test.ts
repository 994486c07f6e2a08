import { describe, expect, it } from 'vitest';
import { type FailureState, onceMore, settleFailure } from '../../shared/domain/failure.ts';
import type { UserId } from '../../shared/domain/ids.ts';
import * as build from './builders.ts';

const waiting: FailureState = {
  failureId: 'chapterCompletions#event-1#project-progress',
  table: 'chapterCompletions',
  consumer: 'project-progress',
  reason: 'malformed: version',
  record: '{"dynamodb":{"NewImage":{"name":{"S":"Ada"}}}}',
  setAsideAt: build.START,
  listing: 'waiting',
  ...build.stamp,
};
const later = {
  by: build.id<UserId>('admin'),
  now: build.at(60),
  cause: { causedBy: 'r2', causedAt: build.at(60) },
};

describe('a record that was set aside', () => {
  it('leaves the list once it is settled, and nothing of its content stays', () => {
    const settled = settleFailure({ failure: waiting, how: 'redriven', ...later });
    expect(settled).toEqual({
      ...waiting,
      listing: undefined,
      record: '{}',
      settled: { how: 'redriven', at: build.at(60), by: 'admin' },
      version: 2,
      updatedAt: build.at(60),
      ...later.cause,
    });
    expect(JSON.stringify(settled)).not.toContain('Ada');
    expect(Object.keys(settled ?? {})).not.toContain('listing');
  });

  it('is settled once, and not otherwise afterwards', () => {
    const dropped = settleFailure({ failure: waiting, how: 'dropped', reason: 'a test', ...later });
    if (dropped === undefined) throw new Error('It was not settled');
    expect(dropped.settled).toMatchObject({ how: 'dropped', reason: 'a test' });
    expect(settleFailure({ failure: dropped, how: 'dropped', reason: 'again', ...later })).toBeUndefined();
    expect(build.refusal(() => settleFailure({ failure: dropped, how: 'redriven', ...later }))).toEqual({
      code: 'failure_settled',
      details: { how: 'dropped' },
    });
  });

  it('comes once more as the next version of its row, which says the same of the same cause', () => {
    const row = build.completion('basics', { version: 4 });
    expect(onceMore(row, row.version, build.at(60))).toEqual({ ...row, version: 5, updatedAt: build.at(60) });
  });
});
