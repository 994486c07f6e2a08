import { useMemo } from 'react';
import type { Config } from './config.ts';
import { Console } from './console.tsx';
import { go, useRoute } from './route.ts';
import { localIdentity } from './sign-in-local.ts';
import { StudentPicker } from './student-picker.tsx';
import { useSession } from './use-session.ts';

/** On one machine anybody can be anybody: the admin is signed in, and the address says which student is. */
export function SignedInLocally({ config, url }: { readonly config: Config; readonly url: string }) {
  const { page, student: userId } = useRoute();
  const admin = useSession(
    config,
    useMemo(() => localIdentity(url, 'admin', 'admin'), [url]),
  );
  const student = useSession(
    config,
    useMemo(() => (userId === undefined ? undefined : localIdentity(url, 'student', userId)), [url, userId]),
  );
  return (
    <Console
      config={config}
      admin={admin}
      student={student}
      studentSignIn={
        <StudentPicker admin={admin} value={userId} onChange={(chosen) => go({ page, student: chosen })} />
      }
    />
  );
}
