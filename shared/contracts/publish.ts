import * as z from 'zod';
import { Timestamp } from './fields.ts';
import { adminTopic, adminViews, studentViews } from './topics.ts';

/** The views of a student that a change can touch. */
export const StudentView = z.enum(studentViews);
export type StudentView = z.infer<typeof StudentView>;

/** The views of an admin that a change can touch. */
export const AdminView = z.enum(adminViews);
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

/** The variables of `publishStudentChange`. Throws a ZodError when the change is not one. */
export function studentChangeVariables(change: StudentChange): { change: z.input<typeof StudentChange> } {
  return { change: z.encode(StudentChange, change) };
}

/** The variables of `publishAdminChange`. Throws a ZodError when the change is not one. */
export function adminChangeVariables(change: AdminChange): { change: z.input<typeof AdminChange> } {
  return { change: z.encode(AdminChange, change) };
}
