import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Unread } from '../operate/page-parts.tsx';
import { useCourses } from '../operate/use-courses.ts';
import { useNews } from '../operate/use-news.ts';
import { useReply } from '../operate/use-reply.ts';
import { useRoute } from '../route.ts';
import { type School, useLiveView } from '../school.ts';
import { StudentPicker } from '../student-picker.tsx';
import { useFirst } from '../use-first.ts';
import { Act, ControlGroup } from './act.tsx';
import { CourseDesk } from './course-desk.tsx';
import { Marking } from './marking.tsx';
import { Requests } from './requests.tsx';
import { Voiding } from './voiding.tsx';
import { Waiving } from './waiving.tsx';

/** What the admin can do: with who waits, with a student in a course, and with the course. */
export function AdminControls({ school }: { readonly school: School }) {
  const { actions, admin, student } = school;
  const { api } = admin;
  const route = useRoute();
  const courses = useCourses(admin);
  const firstStudent = useFirst(useLiveView('AdminStudents')?.data.students[0]?.userId);
  const firstCourse = useFirst(courses.data?.[0]?.value);
  // What the admin picks, until then what is chosen for the student's side.
  const [pickedStudent, setPickedStudent] = useState<string>();
  const [pickedCourse, setPickedCourse] = useState<string>();
  // The address names none for a moment, when another student is chosen.
  const [lastCourse, setLastCourse] = useState(route.course);
  if (route.course !== undefined && route.course !== lastCourse) setLastCourse(route.course);
  const userId = pickedStudent ?? student?.userId ?? firstStudent;
  const courseId = pickedCourse ?? route.course ?? lastCourse ?? firstCourse;
  const course = useReply(courseId, async (signal) => {
    const { body } = await api.call('get-course', { params: { courseId: courseId ?? '' }, signal });
    return body;
  });
  useNews(
    actions,
    ({ table }) => table === 'courses',
    () => {
      course.again();
      courses.again();
    },
  );
  const items = course.data?.published?.chapters.flatMap((chapter) => chapter.items) ?? [];
  return (
    <section className="card" aria-label="Admin controls" data-controls="admin">
      <div className="control-groups">
        <div className="control-column">
          <ControlGroup name="Requests">
            <Requests school={school} />
          </ControlGroup>
          {course.data !== undefined && (
            <ControlGroup name={`Course ${course.data.title}`}>
              <CourseDesk school={school} course={course.data} onChange={course.again} key={courseId} />
            </ControlGroup>
          )}
          {courseId !== undefined && items.some(({ kind }) => kind === 'qbank') && (
            <ControlGroup name="Void a question">
              <Voiding school={school} courseId={courseId} key={courseId} />
            </ControlGroup>
          )}
        </div>
        <div className="control-column">
          <ControlGroup name="Student in a course">
            <StudentPicker admin={admin} value={userId} onChange={setPickedStudent} labelled />
            <CourseChoice value={courseId} of={courses.data ?? []} onChange={setPickedCourse} />
            <Unread asked={courses} what="The list of courses" />
            <Unread asked={course} what="The course" />
            {userId !== undefined && courseId !== undefined && (
              <Enrolling school={school} userId={userId} courseId={courseId} />
            )}
          </ControlGroup>
          {userId !== undefined && courseId !== undefined && items.length > 0 && (
            <>
              <ControlGroup name="Waive an item">
                <Waiving school={school} userId={userId} courseId={courseId} items={items} key={courseId} />
              </ControlGroup>
              <Marking
                school={school}
                userId={userId}
                courseId={courseId}
                items={items}
                key={`${courseId} ${userId}`}
              />
            </>
          )}
        </div>
      </div>
    </section>
  );
}

interface CourseChoiceProps {
  readonly value: string | undefined;
  readonly of: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (courseId: string) => void;
}

function CourseChoice({ value, of, onChange }: CourseChoiceProps) {
  // Not read yet, or gone since: chosen all the same.
  const others =
    value === undefined || of.some((course) => course.value === value) ? [] : [{ value, label: value }];
  return (
    <NativeSelect
      label="Course"
      size="xs"
      data={[...others, ...of]}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface EnrollingProps {
  readonly school: School;
  readonly userId: string;
  readonly courseId: string;
}

function Enrolling({ school, userId, courseId }: EnrollingProps) {
  const { actions, admin } = school;
  const params = { userId, courseId };
  const of = `${userId} ${courseId}`;
  return (
    <div className="control">
      <Act
        actions={actions}
        names={['Admin Enrollment', 'Direct Enroll']}
        of={of}
        label="Enroll the student"
        run={() => admin.api.call('enroll-student', { params })}
      />
      <Act
        actions={actions}
        names="Unenroll"
        of={of}
        label="Cancel enrollment"
        run={() => admin.api.call('unenroll-student', { params })}
      />
    </div>
  );
}
