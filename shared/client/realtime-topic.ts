import type { AdminChange, StudentChange } from '../contracts/publish.ts';
import { onAdminChange, onStudentChange } from '../contracts/topics.ts';
import { readAdminChange, readStudentChange } from './read-change.ts';

/** Something to listen to, and how its events read. */
export interface Topic<Event> {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The event in the `data` of a frame. Throws when it is none. */
  readonly decode: (data: unknown) => Event;
}

/** What happens to the rows of one student. Only that student and admins are let in. */
export function studentTopic(userId: string): Topic<StudentChange> {
  return { query: onStudentChange, variables: { userId }, decode: readStudentChange };
}

/** What happens to the numbers admins see. Only admins are let in. */
export function adminsTopic(): Topic<AdminChange> {
  return { query: onAdminChange, variables: {}, decode: readAdminChange };
}
