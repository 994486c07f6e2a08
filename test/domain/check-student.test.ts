import { describe, expect, it } from 'vitest';
import { checkNewcomer, checkRecords, checkRequests } from '../../shared/domain/check-student.ts';
import type { CourseId, UserId } from '../../shared/domain/ids.ts';
import * as build from './builders.ts';
import { completedTest, record, result } from './qbank-builders.ts';

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
    expect(repair?.next).toMatchObject({
      userId: 'u1',
      joinedAt: build.START,
      version: Date.parse(build.at(9)),
    });
    expect(checkNewcomer(U1, undefined, [], build.at(9)).findings).toEqual([]);
  });

  it('leaves a newcomer on it', () => {
    expect(checkNewcomer(U1, newcomer, [], build.at(9)).findings).toEqual([]);
  });
});

describe('the check of records', () => {
  const test = completedTest([result('q0'), result('q1', { ordinal: 1, correct: false, optionId: null })]);
  const check = (records: ReturnType<typeof record>[], tests = [test], knownVersion = 0) =>
    checkRecords({
      records,
      tests,
      knownVersion: () => knownVersion,
      now: build.at(999),
      quietSince: build.at(998),
    });
  const [{ next: right } = { next: record() }] = check([]).repair;

  it('makes of the completed tests what their ends would have made, and finds nothing then', () => {
    expect(right).toMatchObject({ tests: 1, firstAnswers: 1, firstRight: 1, seen: 'Aw==', solved: 'AQ==' });
    expect(check([right])).toMatchObject({ checked: { qbank: 1 }, findings: [], repair: [] });
  });

  it('finds a record that is missing, another one, or of nothing', () => {
    expect(check([]).findings).toMatchObject([{ drift: 'missing' }]);
    expect(check([{ ...right, tests: 7 }]).findings).toMatchObject([{ drift: 'wrong' }]);
    expect(check([right], []).findings).toMatchObject([{ drift: 'orphaned' }]);
  });

  it('goes on from the version that the ledger knows where the row was removed, so that the ledger follows', () => {
    expect(check([], [test], 4).repair).toMatchObject([{ next: { version: 5 } }]);
    expect(check([{ ...right, tests: 7, version: 9 }], [test], 4).repair).toMatchObject([
      { next: { version: 10 } },
    ]);
  });

  it('says nothing of a test that ended a moment ago', () => {
    expect(check([], [{ ...test, updatedAt: build.at(999) }]).findings).toEqual([]);
  });
});
