import { Sparkline } from '@mantine/charts';
import type { ViewData } from '../../../shared/client/watched-views.ts';
import * as format from '../format.ts';
import { AndMore, Empty, Figure, Live, Status } from '../parts.tsx';

/** What the admin's views show. */

export function AdminDashboardView({ data }: { readonly data: ViewData<'AdminDashboard'> }) {
  const { totals, courses } = data;
  return (
    <>
      <dl className="figures">
        <Figure name="learners" value={format.count(totals.learners)} />
        <Figure name="enrollments" value={format.count(totals.enrollments)} />
        <Figure name="completions" value={format.count(totals.completions)} />
        <Figure name="mean progress" value={format.percent(totals.meanProgress)} />
        <Figure name="requests" value={format.count(totals.pendingRequests)} />
      </dl>
      <ul className="lines" style={{ marginTop: 8 }}>
        {courses.map((course) => (
          <li className="line" key={course.courseId}>
            <span>
              <Live value={course.title} />
            </span>
            <span className="small">
              <Status of={course.status} />
            </span>
            <span className="line-rest small quiet">
              <Live value={format.several(course.learners, 'learner')} />
              {' · '}
              <Live value={format.several(course.completions, 'completion')} />
              {' · mean '}
              <Live value={format.percent(course.meanProgress)} />
              {course.pendingRequests > 0 && (
                <>
                  {' · '}
                  <Live value={format.several(course.pendingRequests, 'request')} />
                </>
              )}
            </span>
          </li>
        ))}
        <AndMore cursor={data.cursor} />
      </ul>
    </>
  );
}

export function AdminAnalyticsView({ data }: { readonly data: ViewData<'AdminAnalytics'> }) {
  const { totals, activeLearners } = data;
  const { byStatus, bySource, quizzes, qbank, payments } = totals;
  const today = activeLearners.at(-1)?.learners ?? 0;
  const revenue = Object.entries(payments.revenue).map(([currency, amount]) =>
    format.money({ amount, currency }),
  );
  return (
    <>
      <dl className="figures">
        <Figure name="active today" value={format.count(today)} />
        <Figure name="chapters done" value={format.count(totals.chaptersCompleted)} />
        <Figure name="min watched" value={format.count(totals.watchMinutes)} />
        <Figure name="quiz attempts" value={format.count(quizzes.attempts)} />
        <Figure name="quiz passes" value={format.count(quizzes.passes)} />
        <Figure name="mean score" value={format.score(quizzes.meanScore)} />
        <Figure name="bank answers" value={format.count(qbank.answers)} />
        <Figure name="bank right" value={format.count(qbank.correct)} />
        <Figure name="bank tests" value={format.count(qbank.tests)} />
      </dl>
      <Sparkline
        h={36}
        mt={8}
        data={activeLearners.map(({ learners }) => learners)}
        curveType="linear"
        fillOpacity={0.2}
        strokeWidth={1.5}
        role="img"
        aria-label={`Active learners of the last ${format.several(activeLearners.length, 'day')}, ${format.count(today)} today`}
      />
      <ul className="lines" style={{ marginTop: 4 }}>
        <Line name="Enrollments">
          {counts({
            active: byStatus.active,
            completed: byStatus.completed,
            cancelled: byStatus.cancelled,
          })}
        </Line>
        <Line name="Ways in">
          {counts({
            direct: bySource.direct,
            admin: bySource.admin,
            request: bySource.request,
            payment: bySource.payment,
          })}
        </Line>
        <Line name="Payments">
          {counts({ completed: payments.completed, refunded: payments.refunded })}
          {revenue.map((sum) => `, ${sum}`)}
        </Line>
      </ul>
    </>
  );
}

/** `3 active, 1 completed` */
function counts(by: Readonly<Record<string, number>>): string {
  return Object.entries(by)
    .map(([name, value]) => `${format.count(value)} ${name}`)
    .join(', ');
}

function Line({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <li className="line small">
      <span className="quiet">{name}</span>
      <span className="number" style={{ whiteSpace: 'normal', textAlign: 'right' }}>
        {children}
      </span>
    </li>
  );
}

export function AdminRequestsView({ data }: { readonly data: ViewData<'AdminRequests'> }) {
  if (data.requests.length === 0) return <Empty>Nobody waits to be let in.</Empty>;
  return (
    <ul className="lines">
      {data.requests.map(({ userId, courseId, name, title, status, message, requestedAt }) => (
        <li className="line" key={`${userId} ${courseId}`}>
          <span>{name ?? userId}</span>
          <span className="small">
            <Status of={status} />
          </span>
          <span className="line-rest small quiet">
            {title} · {format.day(requestedAt)}
          </span>
          {message !== undefined && <span className="line-rest small">“{message}”</span>}
        </li>
      ))}
      <AndMore cursor={data.cursor} />
    </ul>
  );
}

export function AdminStudentsView({ data }: { readonly data: ViewData<'AdminStudents'> }) {
  if (data.students.length === 0) return <Empty>Nobody has signed up yet.</Empty>;
  return (
    <ul className="lines">
      {data.students.map(({ userId, name, email, enrollments = [] }) => (
        <li className="line" key={userId}>
          <span>
            <Live value={name ?? userId} />
          </span>
          <span className="small quiet">{email}</span>
          <span className="line-rest small quiet">
            {enrollments.length === 0 && 'in no course'}
            {enrollments.map(({ courseId, title, status, progress }, index) => (
              <span key={courseId}>
                {index > 0 && ' · '}
                {title} <Live value={status === 'cancelled' ? 'cancelled' : format.percent(progress)} />
              </span>
            ))}
          </span>
        </li>
      ))}
      <AndMore cursor={data.cursor} />
    </ul>
  );
}
