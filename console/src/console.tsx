import { Alert } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { type ReactNode, Suspense, useMemo } from 'react';
import { createActions } from './actions.ts';
import type { Config } from './config.ts';
import { CourseInRoute } from './course-in-route.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { LiveViews } from './live-views.tsx';
import { followActions } from './matrix/keep-matrix.ts';
import { pages } from './pages.ts';
import { useRoute } from './route.ts';
import type { School } from './school.ts';
import type { Session } from './session.ts';
import { Shell } from './shell.tsx';
import { StudentInRoute } from './student-in-route.tsx';
import { StudentSignIn } from './student-sign-in.ts';

interface ConsoleProps {
  readonly config: Config;
  readonly admin: Session;
  readonly student: Session | undefined;
  /** How another student is chosen. */
  readonly studentSignIn: ReactNode;
  readonly onSignOut?: () => void;
}

/** The console of somebody who is signed in. What was done here outlives a change of student. */
export function Console({ config, admin, student, studentSignIn, onSignOut }: ConsoleProps) {
  const { page, course } = useRoute();
  const actions = useMemo(() => createActions(), []);
  const matrix = useMemo(() => followActions(actions), [actions]);
  const school: School = useMemo(
    () => ({ admin, student, actions, matrix }),
    [admin, student, actions, matrix],
  );
  const { title, Page } = pages[page];
  useDocumentTitle(`${title} – Lockstep`);
  return (
    <LiveViews school={school} courseId={course}>
      {config.signIn.kind === 'local' && <StudentInRoute />}
      <CourseInRoute />
      <StudentSignIn value={studentSignIn}>
        <Shell title={title} admin={admin} student={student} actions={actions} onSignOut={onSignOut}>
          <ErrorBoundary key={page} fallback={(message) => <Broken message={message} />}>
            <Suspense fallback={<p className="quiet">Loading …</p>}>
              <Page school={school} />
            </Suspense>
          </ErrorBoundary>
        </Shell>
      </StudentSignIn>
    </LiveViews>
  );
}

function Broken({ message }: { readonly message: string }) {
  return (
    <Alert color="red" title="This page failed" role="alert">
      {message} Load the console again, or go to another page.
    </Alert>
  );
}
