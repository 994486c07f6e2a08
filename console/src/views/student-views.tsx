import type { ViewData } from '../../../shared/client/watched-views.ts';
import * as format from '../format.ts';
import { AndMore, Bar, Empty, Live, Status } from '../parts.tsx';

/** What the student's views show. */

export function StudentDashboardView({ data }: { readonly data: ViewData<'StudentDashboard'> }) {
  const { enrollments, requests } = data;
  if (enrollments.length + requests.length === 0) return <Empty>In no course yet.</Empty>;
  return (
    <ul className="lines">
      {enrollments.map(({ courseId, title, status, source, progress, completedAt }) => (
        <li className="line" key={courseId}>
          <span>{title}</span>
          <span className="number">
            <Live value={format.percent(progress)} />
          </span>
          <span className="line-rest small quiet">
            <Status of={status} /> · {WAYS[source]}
            {completedAt !== undefined && ` · complete since ${format.day(completedAt)}`}
          </span>
          <span className="line-rest">
            <Bar value={progress} of={title} />
          </span>
        </li>
      ))}
      {requests.map((request) => (
        <Request key={request.courseId} {...request} />
      ))}
      <AndMore cursor={data.cursor} />
    </ul>
  );
}

const WAYS = {
  direct: 'enrolled directly',
  admin: 'by an admin',
  request: 'on request',
  payment: 'bought',
} as const;

function Request(request: ViewData<'StudentDashboard'>['requests'][number]) {
  return (
    <li className="line">
      <span>{request.title}</span>
      <span className="small">
        <Status of={request.status}>request {request.status}</Status>
      </span>
      {request.reason !== undefined && <span className="line-rest small quiet">{request.reason}</span>}
    </li>
  );
}

export function StudentCoursesView({ data }: { readonly data: ViewData<'StudentCourses'> }) {
  if (data.courses.length === 0) return <Empty>No course is published.</Empty>;
  return (
    <ul className="lines">
      {data.courses.map(({ courseId, title, access, price, enrollment, request }) => (
        <li className="line" key={courseId}>
          <span>{title}</span>
          <span className="small">
            {enrollment !== undefined && enrollment.status !== 'cancelled' ? (
              <Status of={enrollment.status} />
            ) : request !== undefined ? (
              <Status of={request.status}>request {request.status}</Status>
            ) : (
              <Live value={enrollment === undefined ? 'not in it' : 'left'} />
            )}
          </span>
          <span className="line-rest small quiet">
            {price === undefined ? ACCESSES[access] : format.money(price)}
            {enrollment !== undefined && enrollment.status !== 'cancelled' && (
              <>
                {' · '}
                <Live value={format.percent(enrollment.progress)} />
              </>
            )}
          </span>
        </li>
      ))}
      <AndMore cursor={data.cursor} />
    </ul>
  );
}

const ACCESSES = {
  open: 'open',
  request: 'on request',
  paid: 'to be bought',
  admin: 'by an admin only',
} as const;

export function StudentProgressView({ data }: { readonly data: ViewData<'StudentProgress'> }) {
  if (data.courses.length === 0) return <Empty>No progress yet: enroll in a course.</Empty>;
  return (
    <ul className="lines">
      {data.courses.map((course) => (
        <li className="line" key={course.courseId}>
          <span>{course.title}</span>
          <span className="number">
            <Live value={format.percent(course.totalProgress)} />
          </span>
          <span className="line-rest small quiet">
            <Live
              value={`${format.count(course.completedItems)} of ${format.several(course.requiredItems, 'item')}`}
            />
            {' · '}
            <Live value={format.several(course.completedChapters.length, 'chapter')} />
            {course.watchedVideos.map(({ videoId, percent }) => (
              <span key={videoId}>
                {' · '}
                {videoId} <Live value={format.percent(percent)} />
              </span>
            ))}
            {course.quizAttempts.map(({ quizId, attempts, bestScore }) => (
              <span key={quizId}>
                {' · '}
                {quizId}{' '}
                <Live value={`${format.several(attempts, 'attempt')}, best ${format.score(bestScore)}`} />
              </span>
            ))}
            {course.answeredQuestions > 0 && (
              <>
                {' · '}
                <Live value={format.several(course.answeredQuestions, 'question')} /> answered
              </>
            )}
            {course.waivedItems.length > 0 && ` · waived: ${course.waivedItems.join(', ')}`}
          </span>
        </li>
      ))}
      <AndMore cursor={data.cursor} />
    </ul>
  );
}

export function StudentProfileView({ data }: { readonly data: ViewData<'StudentProfile'> }) {
  const { userId, name, email, joinedAt, unreadNotifications, certificates } = data;
  return (
    <ul className="lines">
      <li className="line">
        <span>
          <Live value={name ?? userId} />
        </span>
        <span className="number small">
          <Live value={format.unread(unreadNotifications)} /> unread
        </span>
        <span className="line-rest small quiet">
          {[email, joinedAt !== undefined && `here since ${format.day(joinedAt)}`]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </li>
      {certificates.map(({ code, courseTitle, issuedAt }) => (
        <li className="line" key={code}>
          <span>Certificate: {courseTitle}</span>
          <span className="small quiet">{format.day(issuedAt)}</span>
        </li>
      ))}
      {certificates.length === 0 && <li className="line quiet">No certificates yet.</li>}
      <AndMore cursor={data.cursor} />
    </ul>
  );
}

export function StudentCourseDetailView({ data }: { readonly data: ViewData<'StudentCourseDetail'> }) {
  return (
    <>
      <div className="line">
        <strong>{data.title}</strong>
        <span className="number">
          <Live value={format.percent(data.totalProgress)} />
        </span>
        <span className="line-rest">
          <Bar value={data.totalProgress} of={data.title} />
        </span>
      </div>
      {data.chapters.map(({ chapterId, title, completed, items }) => (
        <div className="line" key={chapterId}>
          <span>{title}</span>
          <span className="small quiet">
            <Live value={completed ? 'completed' : 'open'} />
          </span>
          <ul className="line-rest lines small quiet" style={{ paddingLeft: 10 }}>
            {items.map((item) => (
              <li key={item.itemId} className="line" style={{ border: 0, padding: '1px 0' }}>
                <span>
                  {item.title}
                  {item.waived && ' (waived)'}
                </span>
                <span className="number">
                  <Live value={standingOf(item)} />
                </span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function standingOf(item: ViewData<'StudentCourseDetail'>['chapters'][number]['items'][number]): string {
  const done = item.completed ? ' ✓' : '';
  switch (item.kind) {
    case 'reading':
      return item.completed ? 'read ✓' : 'to read';
    case 'video':
      return `${format.percent(item.percent)}${done}`;
    case 'quiz':
      return `${item.attempts === 0 ? 'no attempt' : `best ${format.score(item.bestScore)}`}${done}`;
    case 'qbank':
      return `${format.count(item.answered)} of ${format.count(item.questions)}${done}`;
  }
}
