import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAdminChange, readStudentChange } from '../../shared/client/read-change.ts';
import {
  AdminChange,
  adminChangeVariables,
  StudentChange,
  studentChangeVariables,
} from '../../shared/contracts/publish.ts';
import { adminViews, studentViews } from '../../shared/contracts/topics.ts';
import { adminChange, studentChange } from '../support/change.ts';

const time = fc
  .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const name = fc.string({ minLength: 1 });
const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean());
const row = fc.record({
  table: name,
  key: name,
  version: fc.nat(),
  removed: fc.boolean(),
  causedBy: name,
  causedAt: time,
  values: fc.dictionary(fc.string(), fc.option(value)),
});
const common = { eventId: name, at: time, rows: fc.array(row, { maxLength: 3 }) };
const forStudent = fc.record({ ...common, userId: name, views: fc.subarray([...studentViews]) });
const forAdmins = fc.record({
  ...common,
  topic: fc.constant('admin' as const),
  views: fc.subarray([...adminViews]),
});

/** What may stand where something else should: nothing, the wrong type, an empty text. */
const nonsense = fc.constantFrom(undefined, null, '', -1, 0.5, true, [], {}, ['x'], '{"deep":{}}', 'soon');

const student = (change: unknown) => readStudentChange({ onStudentChange: change });

describe('an event', () => {
  it('reads as its schema says, whatever it tells', () => {
    fc.assert(
      fc.property(forStudent, forAdmins, (mine, theirs) => {
        // As the wire has it: JSON knows no minus zero.
        const wire = JSON.parse(JSON.stringify(studentChangeVariables(mine).change));
        expect(student(wire)).toEqual(StudentChange.parse(wire));
        const admins = JSON.parse(JSON.stringify(adminChangeVariables(theirs).change));
        expect(readAdminChange({ onAdminChange: admins })).toEqual(AdminChange.parse(admins));
      }),
    );
  });

  it('is refused where its schema refuses it, except for views that are not known yet', () => {
    const wire = studentChangeVariables(studentChange()).change;
    const [first] = wire.rows;
    const places = [...Object.keys(wire), ...Object.keys(first!).map((field) => `rows.${field}`)];
    fc.assert(
      fc.property(fc.constantFrom(...places), nonsense, (place, wrong) => {
        const [field, inner] = place.split('.');
        const broken =
          inner === undefined
            ? { ...wire, [field!]: wrong }
            : { ...wire, rows: [{ ...first, [inner]: wrong }] };
        const verdict = StudentChange.safeParse(broken);
        if (field === 'views' && Array.isArray(wrong)) expect(student(broken).views).toEqual([]);
        else if (verdict.success) expect(student(broken)).toEqual(verdict.data);
        else expect(() => student(broken)).toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the views that this page knows', () => {
    const { change } = studentChangeVariables(studentChange());
    expect(student({ ...change, views: ['StudentDiary', 'StudentProfile'] }).views).toEqual([
      'StudentProfile',
    ]);
  });

  it.each([undefined, null, 'text', [], { onStudentChange: null }, {}])('is not found in %j', (data) => {
    expect(() => readStudentChange(data)).toThrow(TypeError);
    expect(() => readAdminChange(data)).toThrow(TypeError);
  });

  it('of another topic is none of the admins', () => {
    const { change } = adminChangeVariables(adminChange());
    expect(() => readAdminChange({ onAdminChange: { ...change, topic: 'ada' } })).toThrow(TypeError);
  });
});
