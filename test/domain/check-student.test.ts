import { describe, expect, it } from 'vitest';
import { checkNewcomer, checkRequests } from '../../shared/domain/check-student.ts';
import type { CourseId } from '../../shared/domain/ids.ts';
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
  const newcomer = build.student({ newcomerSince: '2026-11-22' });

  it('takes whoever was ever enrolled off the list, once', () => {
    const { findings, repair } = checkNewcomer(newcomer, [build.enrollment()], build.at(9));
    expect(findings).toMatchObject([{ flow: 'enrollment', drift: 'wrong', subject: 'students#u1' }]);
    expect(repair?.next).not.toHaveProperty('newcomerSince');
    expect(checkNewcomer(repair?.next, [build.enrollment()], build.at(9)).findings).toEqual([]);
  });

  it('leaves a newcomer on it', () => {
    expect(checkNewcomer(newcomer, [], build.at(9)).findings).toEqual([]);
  });
});
