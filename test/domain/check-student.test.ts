import { describe, expect, it } from 'vitest';
import { checkNewcomer, checkRequests } from '../../shared/domain/check-student.ts';
import type { CourseId, UserId } from '../../shared/domain/ids.ts';
import * as build from './builders.ts';

describe('the check of requests', () => {
  const request = build.accessRequest();

  it('finds a request beside the enrollment that ended it', () => {
    const { findings, repair } = checkRequests([request], [build.enrollment()]);
    expect(findings).toMatchObject([{ flow: 'requests', drift: 'orphaned' }]);
    expect(repair).toEqual([{ request, enrollment: build.enrollment() }]);
  });

  it('lets whoever has left ask again, and ask for another course', () => {
    expect(checkRequests([request], [build.enrollment({ status: 'cancelled' })]).findings).toEqual([]);
    const elsewhere = build.enrollment({ courseId: build.id<CourseId>('c2') });
    expect(checkRequests([request], [elsewhere])).toEqual({
      checked: { requests: 1 },
      findings: [],
      repair: [],
    });
  });
});

describe('the check of newcomers', () => {
  const U1 = build.id<UserId>('u1');
  const newcomer = build.student({ newcomerSince: '2026-11-22' });

  it('takes whoever was ever enrolled off the list, once', () => {
    const { findings, repair } = checkNewcomer(U1, newcomer, [build.enrollment()], build.at(9));
    expect(findings).toMatchObject([{ flow: 'enrollment', drift: 'wrong', subject: 'students#u1' }]);
    expect(repair?.next).not.toHaveProperty('newcomerSince');
    expect(checkNewcomer(U1, repair?.next, [build.enrollment()], build.at(9)).findings).toEqual([]);
  });

  it('makes the row of a student whom only an enrollment tells of', () => {
    const { findings, repair } = checkNewcomer(U1, undefined, [build.enrollment()], build.at(9));
    expect(findings).toMatchObject([{ flow: 'enrollment', drift: 'missing' }]);
    expect(repair?.next).toMatchObject({ userId: 'u1', joinedAt: build.START, version: 1 });
    expect(checkNewcomer(U1, undefined, [], build.at(9)).findings).toEqual([]);
  });

  it('leaves a newcomer on it', () => {
    expect(checkNewcomer(U1, newcomer, [], build.at(9)).findings).toEqual([]);
  });
});
