/**
 * What is pushed, to whom and by which documents. It has no schemas, so that a page can import it without zod, which
 * weighs more than all the rest of its client.
 */

/** The topic all admins share. */
export const adminTopic = 'admin';

/** The views of a student that a change can touch. */
export const studentViews = [
  'StudentDashboard',
  'StudentCourses',
  'StudentProgress',
  'StudentProfile',
  'StudentCourseDetail',
] as const;

/** The views of an admin that a change can touch. */
export const adminViews = ['AdminDashboard', 'AdminAnalytics', 'AdminRequests', 'AdminStudents'] as const;

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
