import { describe, expect, test } from 'vitest';
import {
  mayBecome,
  spellingsBefore,
  spellingsOf,
  STATUS_VALUES,
  statusOf,
  type StatusTable,
} from '../../shared/domain/status.ts';

const TABLES: readonly StatusTable[] = ['courses', 'enrollments', 'accessRequests', 'payments', 'qbankTests'];

describe('the status values', () => {
  // From the requirement, section 8, and the definitions of the field.
  test.each([
    ['courses', ['draft', 'published', 'archived']],
    ['enrollments', ['active', 'completed', 'cancelled']],
    ['accessRequests', ['pending', 'approved', 'rejected']],
    ['payments', ['pending', 'completed', 'failed', 'refunded']],
    ['qbankTests', ['pending', 'in_progress', 'completed', 'abandoned']],
  ] as const)('of %s are those of the requirement', (table, values) => {
    expect(STATUS_VALUES[table]).toEqual(values);
  });

  test('are read from any spelling that ever was one, and from no other', () => {
    for (const spelling of ['published', 'Published', 'active', 'Active']) {
      expect(statusOf('courses', spelling)).toBe('published');
    }
    expect(statusOf('courses', 'PUBLISHED')).toBeUndefined();
    expect(statusOf('enrollments', 'Active')).toBeUndefined();
    expect(statusOf('courses', 'constructor')).toBeUndefined();
    for (const table of TABLES) {
      for (const spelling of spellingsOf(table)) expect(statusOf(table, spelling)).toBeDefined();
    }
  });

  test('may be followed as the spellings before them say, legacy ones too', () => {
    for (const table of TABLES) {
      for (const to of STATUS_VALUES[table]) {
        for (const spelling of spellingsOf(table)) {
          const from = statusOf(table, spelling);
          const allowed = from !== undefined && mayBecome(table, from, to);
          expect(spellingsBefore(table, to).includes(spelling)).toBe(allowed);
        }
      }
    }
    expect(spellingsBefore('courses', 'archived')).toEqual([
      'draft',
      'published',
      'Published',
      'active',
      'Active',
    ]);
  });

  test('end where nothing leads on: what is refunded, approved, completed or abandoned stays so', () => {
    expect(STATUS_VALUES.payments.filter((to) => mayBecome('payments', 'refunded', to))).toEqual([]);
    expect(STATUS_VALUES.qbankTests.filter((to) => mayBecome('qbankTests', 'completed', to))).toEqual([]);
    expect(spellingsBefore('payments', 'completed')).toEqual(['pending', 'failed']);
  });
});
