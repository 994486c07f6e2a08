import { describe, expect, it } from 'vitest';
import { duesOf, issueCertificate } from '../../shared/domain/certificate.ts';
import { checkEarned } from '../../shared/domain/check-earned.ts';
import * as build from './builders.ts';

const NOW = new Date(build.at(3600));
const QUIET = build.at(3000);
const completed = { ...build.progress(), completedAt: build.at(5) };
const { certificate, notification } = issueCertificate({
  progress: completed,
  studentName: 'Ada',
  courseTitle: 'A course',
  code: 'CODE',
  now: build.at(10),
});

function check(over: Partial<Parameters<typeof checkEarned>[0]>) {
  return checkEarned({
    progresses: [completed],
    certificates: [certificate],
    notifications: [notification],
    now: NOW,
    quietSince: QUIET,
    ...over,
  });
}

const found = (over: Parameters<typeof check>[0]) =>
  check(over).findings.map(({ flow, drift }) => `${flow} ${drift}`);

describe('the check of what was earned', () => {
  it('finds nothing where there is what progress calls for', () => {
    const { checked, findings } = check({});
    expect({ checked, findings }).toEqual({ checked: { certificates: 1, notifications: 1 }, findings: [] });
  });

  it('asks for a certificate that was never issued, unless the course was completed a moment ago', () => {
    const missing = check({ certificates: [], notifications: [] });
    expect(missing.repair.dues).toEqual(duesOf(completed, NOW));
    expect(found({ certificates: [], notifications: [] })).toEqual(['certificates missing']);
    const fresh = { ...completed, updatedAt: build.at(3500) };
    expect(found({ progresses: [fresh], certificates: [], notifications: [] })).toEqual([]);
  });

  it('writes news that is missing or was changed as it was, and keeps that it was read', () => {
    expect(check({ notifications: [] }).repair.notifications).toEqual([
      { previous: undefined, next: notification },
    ]);
    const changed = { ...notification, details: { title: 'Another' }, readAt: build.at(20) };
    const [mended] = check({ notifications: [changed] }).repair.notifications;
    expect(mended?.next).toMatchObject({ details: notification.details, readAt: build.at(20), version: 2 });
  });

  it('takes back the news of a certificate that there is not', () => {
    const made = { ...notification, notificationId: `${build.at(1)}.certificate_issued.c1` };
    expect(check({ notifications: [notification, made] }).repair.removed).toEqual([made]);
  });

  it('sets a certificate to the day of the completion, and keeps its code', () => {
    const wrong = { ...certificate, completedAt: build.at(900) };
    const [change] = check({ certificates: [wrong] }).repair.certificates;
    expect(change?.next).toMatchObject({ completedAt: build.at(5), code: 'CODE', version: 2 });
  });

  it('tells of a certificate without any progress, and leaves it to people', () => {
    const { findings, repair } = check({ progresses: [] });
    expect(findings).toMatchObject([{ flow: 'certificates', drift: 'orphaned' }]);
    expect(repair).toEqual({ dues: [], certificates: [], notifications: [], removed: [] });
  });

  it('asks for the news of a lowered percentage as long as it would not have expired', () => {
    const lowered = { outlineVersion: 2, from: 80, to: 60, at: build.at(100) };
    const row = build.progress({ lowered });
    expect(found({ progresses: [row], certificates: [], notifications: [] })).toEqual([
      'notifications missing',
    ]);
    const later = new Date(build.at(91 * 86_400));
    expect(found({ progresses: [row], certificates: [], notifications: [], now: later })).toEqual([]);
  });
});
