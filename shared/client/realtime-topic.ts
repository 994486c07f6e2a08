import * as z from 'zod';
import { AdminChange, onAdminChange, onStudentChange, StudentChange } from '../contracts/publish.ts';

/** Something to listen to, and how its events read. */
export interface Topic<Event> {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The event in the `data` of a frame. Throws a ZodError when it is none. */
  readonly decode: (data: unknown) => Event;
}

/** What happens to the rows of one student. Only that student and admins are let in. */
export function studentTopic(userId: string): Topic<StudentChange> {
  const Data = z.object({ onStudentChange: StudentChange });
  return {
    query: onStudentChange,
    variables: { userId },
    decode: (data) => Data.parse(data).onStudentChange,
  };
}

/** What happens to the numbers admins see. Only admins are let in. */
export function adminsTopic(): Topic<AdminChange> {
  const Data = z.object({ onAdminChange: AdminChange });
  return { query: onAdminChange, variables: {}, decode: (data) => Data.parse(data).onAdminChange };
}
