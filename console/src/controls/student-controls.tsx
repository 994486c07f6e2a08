import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ViewData } from '../../../shared/client/watched-views.ts';
import * as format from '../format.ts';
import { go, useRoute } from '../route.ts';
import { type School, useLiveView } from '../school.ts';
import type { Session } from '../session.ts';
import { Act, ActForm, ControlGroup } from './act.tsx';
import { Membership } from './membership.tsx';
import { Study } from './study.tsx';

/** What the student can do, in the course that is chosen and about themselves. */
export function StudentControls({ school, student }: { readonly school: School; readonly student: Session }) {
  const courses = useLiveView('StudentCourses')?.data.courses ?? [];
  const detail = useLiveView('StudentCourseDetail')?.data;
  const profile = useLiveView('StudentProfile')?.data;
  const enrolled = detail?.enrollment !== undefined && detail.enrollment.status !== 'cancelled';
  return (
    <section className="card" aria-label="Student controls" data-controls="student">
      <div className="control-groups">
        <div className="control-column">
          <ControlGroup name="Enrollment">
            <CoursePicker courses={courses} detail={detail} />
            {detail !== undefined && (
              <Membership school={school} student={student} detail={detail} key={detail.courseId} />
            )}
          </ControlGroup>
          {profile !== undefined && (
            <ControlGroup name="Profile">
              <Name school={school} student={student} name={profile.name ?? ''} />
              <Notifications school={school} student={student} unread={profile.unreadNotifications} />
            </ControlGroup>
          )}
        </div>
        {detail !== undefined && enrolled && (
          <div className="control-column">
            <ControlGroup name={`Study ${detail.title}`}>
              <Study school={school} student={student} detail={detail} key={detail.courseId} />
            </ControlGroup>
          </div>
        )}
      </div>
    </section>
  );
}

interface CoursePickerProps {
  readonly courses: ViewData<'StudentCourses'>['courses'];
  readonly detail: ViewData<'StudentCourseDetail'> | undefined;
}

function CoursePicker({ courses, detail }: CoursePickerProps) {
  const route = useRoute();
  const titles = new Map(courses.map(({ courseId, title }) => [String(courseId), title]));
  // A course that is archived, or on a later page, is no less chosen.
  if (route.course !== undefined && !titles.has(route.course)) {
    titles.set(route.course, detail?.title ?? route.course);
  }
  return (
    <NativeSelect
      label="Course"
      size="xs"
      data={[...titles].map(([value, label]) => ({ value, label }))}
      value={route.course ?? ''}
      onChange={(event) => go({ ...route, course: event.currentTarget.value })}
    />
  );
}

interface NameProps {
  readonly school: School;
  readonly student: Session;
  readonly name: string;
}

function Name({ school, student, name: known }: NameProps) {
  // Nothing while it is not edited: a name that is changed elsewhere shows here too.
  const [draft, setDraft] = useState<string>();
  const name = draft ?? known;
  return (
    <ActForm
      actions={school.actions}
      names="Change Name"
      label="Save"
      about="the name"
      run={() => student.api.call('put-student-profile', { body: { name } })}
      onDone={() => setDraft(undefined)}
    >
      <TextInput
        className="grows"
        label="Name"
        size="xs"
        value={name}
        onChange={(event) => setDraft(event.currentTarget.value)}
      />
    </ActForm>
  );
}

interface NotificationsProps {
  readonly school: School;
  readonly student: Session;
  readonly unread: number;
}

function Notifications({ school, student, unread }: NotificationsProps) {
  async function markAll() {
    const { body } = await student.api.call('get-notifications', { query: { limit: 1 } });
    const upTo = body.notifications[0]?.notificationId;
    if (upTo === undefined) throw new Error('There is nothing to read');
    return student.api.call('read-notifications', { body: { upTo } });
  }
  return (
    <div className="control">
      <Act
        actions={school.actions}
        names="Mark Notifications Read"
        label="Mark all read"
        disabled={unread === 0}
        run={markAll}
      />
      <span className="small quiet">
        {unread === 0 ? 'Nothing waits to be read.' : `${format.unread(unread)} unread`}
      </span>
    </div>
  );
}
