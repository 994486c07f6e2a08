import { Group, Title } from '@mantine/core';
import { useContext } from 'react';
import { AdminControls } from '../controls/admin-controls.tsx';
import { StudentControls } from '../controls/student-controls.tsx';
import type { School } from '../school.ts';
import { useLiveView } from '../school.ts';
import { StudentSignIn } from '../student-sign-in.ts';
import { ViewCard } from '../view-card.tsx';
import {
  AdminAnalyticsView,
  AdminDashboardView,
  AdminRequestsView,
  AdminStudentsView,
} from '../views/admin-views.tsx';
import {
  StudentCourseDetailView,
  StudentCoursesView,
  StudentDashboardView,
  StudentProfileView,
  StudentProgressView,
} from '../views/student-views.tsx';

/** The nine views side by side, each with who may act on it. */
export function SchoolPage({ school }: { readonly school: School }) {
  const studentSignIn = useContext(StudentSignIn);
  const { actions, admin, student } = school;
  return (
    <div className="sides">
      <section className="side" aria-labelledby="student-side">
        <Group justify="space-between" mih={30}>
          <Title order={2} id="student-side">
            <StudentName student={student} />
          </Title>
          {studentSignIn}
        </Group>
        {student !== undefined && <StudentControls school={school} student={student} key={student.userId} />}
        <div className="cards">
          <ViewCard
            view="StudentDashboard"
            title="Student Dashboard"
            actions={actions}
            session={student}
            body={StudentDashboardView}
          />
          <ViewCard
            view="StudentCourses"
            title="Student Courses"
            actions={actions}
            session={student}
            body={StudentCoursesView}
          />
          <ViewCard
            view="StudentProgress"
            title="Student Progress"
            actions={actions}
            session={student}
            body={StudentProgressView}
          />
          <ViewCard
            view="StudentCourseDetail"
            title="Student Course Detail"
            actions={actions}
            session={student}
            body={StudentCourseDetailView}
          />
          <ViewCard
            view="StudentProfile"
            title="Student Profile"
            actions={actions}
            session={student}
            body={StudentProfileView}
          />
        </div>
      </section>
      <section className="side" aria-labelledby="admin-side">
        <Group mih={30}>
          <Title order={2} id="admin-side">
            Admin
          </Title>
        </Group>
        <AdminControls school={school} />
        <div className="cards">
          <ViewCard
            view="AdminDashboard"
            title="Admin Dashboard"
            actions={actions}
            session={admin}
            body={AdminDashboardView}
          />
          <ViewCard
            view="AdminAnalytics"
            title="Admin Analytics"
            actions={actions}
            session={admin}
            body={AdminAnalyticsView}
          />
          <ViewCard
            view="AdminRequests"
            title="Admin Requests"
            actions={actions}
            session={admin}
            body={AdminRequestsView}
          />
          <ViewCard
            view="AdminStudents"
            title="Admin Students"
            actions={actions}
            session={admin}
            body={AdminStudentsView}
          />
        </div>
      </section>
    </div>
  );
}

function StudentName({ student }: { readonly student: School['student'] }) {
  const name = useLiveView('StudentProfile')?.data.name ?? student?.userId;
  return name === undefined ? 'Student' : `${name}, student`;
}
