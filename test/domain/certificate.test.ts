import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CertificateCode, NotificationId } from '../../shared/contracts/fields.ts';
import {
  certificateCode,
  CODE_BYTES,
  duesOf,
  issueCertificate,
  loweredNotification,
} from '../../shared/domain/certificate.ts';
import { NOTIFICATION_DAYS } from '../../shared/domain/notification.ts';
import { at, cause, progress } from './builders.ts';

const NOW = new Date(at(60));
const DAY = 86_400;
const lowered = { outlineVersion: 2, from: 80, to: 60, at: at(0) };
const completed = { ...progress({ outlineVersion: 3 }), completedAt: at(5) };

describe('what a progress row calls for', () => {
  test('is nothing while the course was never complete', () => {
    expect(duesOf(progress({ totalProgress: 99 }), NOW)).toEqual([]);
  });

  test('is a certificate once the course is complete', () => {
    expect(duesOf(completed, NOW)).toEqual([{ kind: 'certificate', progress: completed }]);
  });

  test('is a certificate still when the course has grown since', () => {
    const grown = { ...completed, totalProgress: 50, outlineVersion: 9 };
    expect(duesOf(grown, NOW)).toMatchObject([{ kind: 'certificate' }]);
  });

  test('is the news of a lowered percentage, until it would have expired', () => {
    const row = progress({ lowered });
    const notificationId = `${at(0)}.progress_lowered.c1.2`;
    expect(duesOf(row, NOW)).toEqual([{ kind: 'progress_lowered', progress: row, notificationId }]);
    expect(duesOf(row, new Date(at(NOTIFICATION_DAYS * DAY - 1)))).toHaveLength(1);
    expect(duesOf(row, new Date(at(NOTIFICATION_DAYS * DAY)))).toEqual([]);
  });

  test('is both where both are said', () => {
    expect(duesOf({ ...completed, lowered }, NOW).map(({ kind }) => kind)).toEqual([
      'certificate',
      'progress_lowered',
    ]);
  });
});

describe('issuing a certificate', () => {
  const code = '0'.repeat(26);
  const issued = issueCertificate({
    progress: completed,
    studentName: 'Ann Lee',
    courseTitle: 'Anatomy',
    code,
    now: at(60),
  });
  const stamp = { version: 1, updatedAt: at(60), ...cause };

  test('keeps the names of the day, and the outline and rule by which it was earned', () => {
    expect(issued.certificate).toEqual({
      userId: 'u1',
      courseId: 'c1',
      policy: 'completion',
      code,
      studentName: 'Ann Lee',
      courseTitle: 'Anatomy',
      completedAt: at(5),
      issuedAt: at(60),
      outlineVersion: 3,
      ruleVersion: 2,
      ...stamp,
    });
  });

  test('tells the student', () => {
    expect(issued.notification).toMatchObject({
      userId: 'u1',
      notificationId: `${at(60)}.certificate_issued.c1`,
      kind: 'certificate_issued',
      courseId: 'c1',
      details: { title: 'Anatomy', code },
      createdAt: at(60),
      ...stamp,
    });
  });
});

test('the news of a lowered percentage says from what to what, at the time it happened', () => {
  const row = { ...progress(), lowered };
  const notification = loweredNotification(row, 'Anatomy');
  expect(notification).toMatchObject({
    kind: 'progress_lowered',
    details: { title: 'Anatomy', from: 80, to: 60 },
    createdAt: at(0),
  });
  expect(NotificationId.parse(notification.notificationId)).toBe(`${at(0)}.progress_lowered.c1.2`);
});

describe('a code', () => {
  const bytes = fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES });

  test('is 26 digits of Crockford, whatever the bytes', () => {
    fc.assert(fc.property(bytes, (random) => CertificateCode.safeParse(certificateCode(random)).success));
  });

  test('differs where any five bits differ', () => {
    const place = fc.nat(CODE_BYTES - 1);
    fc.assert(
      fc.property(bytes, place, fc.integer({ min: 1, max: 31 }), (random, index, bits) => {
        const other = Uint8Array.from(random, (byte, at) => (at === index ? byte ^ bits : byte));
        expect(certificateCode(other)).not.toBe(certificateCode(random));
      }),
    );
  });

  test('is never made of too little chance', () => {
    expect(() => certificateCode(new Uint8Array(CODE_BYTES - 1))).toThrow('26 random bytes');
  });
});
