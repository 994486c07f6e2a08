import type { ViewName } from '../../shared/client/watched-views.ts';
import type { ConsoleWindow } from '../support/console-window.ts';
import { ASKED_COURSE, OPEN_COURSE } from '../support/console-school.ts';

/** Something that one of the two does in a window of the console, and where the other one sees it. */
export interface Deed {
  readonly by: 'student' | 'admin';
  readonly name: string;
  /** The views that change in the other's window. */
  readonly views: readonly ViewName[];
  /** What comes before, and is not measured. */
  readonly prepare?: (window: ConsoleWindow, round: number) => Promise<void>;
  /** The button that does it. */
  readonly button: string | RegExp;
}

const pick = (courseId: string) => async (window: ConsoleWindow) => {
  await window
    .controls('student')
    .getByRole('combobox', { name: 'Course', exact: true })
    .selectOption(courseId);
  await window.page.waitForURL(new RegExp(`course=${courseId}`));
};

const STANDING = ['StudentDashboard', 'StudentCourses', 'StudentCourseDetail'] as const;

/** In this order, again and again: each round ends as it began. */
export const DEEDS: readonly Deed[] = [
  {
    by: 'student',
    name: 'enrolls',
    views: ['AdminDashboard', 'AdminAnalytics', 'AdminStudents'],
    prepare: pick(OPEN_COURSE),
    button: 'Enroll',
  },
  { by: 'admin', name: 'waives an item', views: [...STANDING, 'StudentProgress'], button: 'Waive' },
  {
    by: 'admin',
    name: 'takes the waiver back',
    views: [...STANDING, 'StudentProgress'],
    button: 'Take back the waiver',
  },
  {
    by: 'student',
    name: 'changes name',
    views: ['AdminStudents'],
    prepare: async (window, round) => {
      await window
        .controls('student')
        .getByRole('textbox', { name: 'Name', exact: true })
        .fill(`Ada the ${round}th`);
    },
    button: 'Save the name',
  },
  {
    by: 'student',
    name: 'hands in a quiz',
    views: ['AdminAnalytics'],
    prepare: async (window) => {
      await window.controls('student').getByRole('button', { name: 'Answer: Quiz' }).click();
      for (const group of await window.controls('student').getByRole('radiogroup').all()) {
        await group.getByLabel('Wrong').check();
      }
    },
    button: 'Hand in Quiz',
  },
  { by: 'student', name: 'leaves', views: ['AdminDashboard', 'AdminStudents'], button: 'Leave' },
  { by: 'admin', name: 'enrolls the student', views: STANDING, button: 'Enroll the student' },
  { by: 'admin', name: 'cancels the enrollment', views: STANDING, button: 'Cancel enrollment' },
  {
    by: 'student',
    name: 'asks to be let in',
    views: ['AdminDashboard', 'AdminRequests'],
    prepare: pick(ASKED_COURSE),
    button: 'Request access',
  },
  { by: 'admin', name: 'rejects', views: [...STANDING, 'StudentProfile'], button: /^Reject / },
  {
    by: 'student',
    name: 'asks again',
    views: ['AdminDashboard', 'AdminRequests'],
    button: 'Request access',
  },
  { by: 'admin', name: 'approves', views: [...STANDING, 'StudentProfile'], button: /^Approve / },
  {
    by: 'student',
    name: 'leaves what was asked for',
    views: ['AdminDashboard', 'AdminStudents'],
    button: 'Leave',
  },
];
