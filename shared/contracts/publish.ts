import * as z from 'zod';
import { Timestamp } from './fields.ts';

/** The topic all admins share. */
export const adminTopic = 'admin';

/** The views of a student that a change can touch. */
export const StudentView = z.enum([
  'StudentDashboard',
  'StudentCourses',
  'StudentProgress',
  'StudentProfile',
  'StudentCourseDetail',
]);
export type StudentView = z.infer<typeof StudentView>;

/** The views of an admin that a change can touch. */
export const AdminView = z.enum(['AdminDashboard', 'AdminAnalytics', 'AdminRequests', 'AdminStudents']);
export type AdminView = z.infer<typeof AdminView>;

/** What a view shows of a row: numbers mostly, never personal data beyond ids. */
export const RowValues = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));
export type RowValues = z.infer<typeof RowValues>;

/** On the wire an AWSJSON string, in the program an object. */
const rowValuesJson = z.codec(z.string(), RowValues, {
  decode: (text, context) => {
    try {
      return RowValues.parse(JSON.parse(text));
    } catch {
      context.issues.push({ code: 'custom', input: text, message: 'is not a JSON object of scalars' });
      return z.NEVER;
    }
  },
  encode: (values) => JSON.stringify(values),
});

/** One row at one version. `removed` means the row is gone, and `values` is then empty. */
export const RowChange = z.object({
  table: z.string().min(1),
  key: z.string().min(1),
  version: z.int().nonnegative(),
  removed: z.boolean(),
  causedBy: z.string().min(1),
  causedAt: Timestamp,
  values: rowValuesJson,
});
export type RowChange = z.infer<typeof RowChange>;

/** An event on a student's topic. */
export const StudentChange = z.object({
  userId: z.string().min(1),
  eventId: z.string().min(1),
  at: Timestamp,
  views: z.array(StudentView),
  rows: z.array(RowChange),
});
export type StudentChange = z.infer<typeof StudentChange>;

/** An event on the admins' topic. */
export const AdminChange = z.object({
  topic: z.literal(adminTopic),
  eventId: z.string().min(1),
  at: Timestamp,
  views: z.array(AdminView),
  rows: z.array(RowChange),
});
export type AdminChange = z.infer<typeof AdminChange>;

const rowFields = 'rows { table key version removed causedBy causedAt values }';
const studentFields = `userId eventId at views ${rowFields}`;
const adminFields = `topic eventId at views ${rowFields}`;

// Subscribers get only what the mutation selects, so each document selects every field of its type.

/** Publishes to a student; variables as `studentChangeVariables` makes them. */
export const publishStudentChange = `mutation PublishStudentChange($change: StudentChangeInput!) {
  publishStudentChange(change: $change) { ${studentFields} }
}`;

/** Publishes to the admins; variables as `adminChangeVariables` makes them. */
export const publishAdminChange = `mutation PublishAdminChange($change: AdminChangeInput!) {
  publishAdminChange(change: $change) { ${adminFields} }
}`;

/** Listens to a student's topic; variables `{ userId }`. */
export const onStudentChange = `subscription OnStudentChange($userId: ID!) {
  onStudentChange(userId: $userId) { ${studentFields} }
}`;

/** Listens to the admins' topic; no variables. */
export const onAdminChange = `subscription OnAdminChange {
  onAdminChange { ${adminFields} }
}`;

/** The variables of `publishStudentChange`. Throws a ZodError when the change is not one. */
export function studentChangeVariables(change: StudentChange): { change: z.input<typeof StudentChange> } {
  return { change: z.encode(StudentChange, change) };
}

/** The variables of `publishAdminChange`. Throws a ZodError when the change is not one. */
export function adminChangeVariables(change: AdminChange): { change: z.input<typeof AdminChange> } {
  return { change: z.encode(AdminChange, change) };
}
