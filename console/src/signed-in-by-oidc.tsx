import { Alert, Button, Center, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { Config } from './config.ts';
import { Console } from './console.tsx';
import { messageOf } from './message-of.ts';
import type { Identity, Role } from './session.ts';
import { oidcSignIn } from './sign-in-oidc.ts';
import { useSession } from './use-session.ts';

interface OidcProps {
  readonly config: Config;
  readonly authority: string;
  readonly clientId: string;
}

interface SignedIn {
  readonly admin: Identity | undefined;
  readonly student: Identity | undefined;
}

/** Where people have accounts: an admin signs in first, then a student as well. */
export function SignedInByOidc({ config, authority, clientId }: OidcProps) {
  const oidc = useMemo(() => oidcSignIn(authority, clientId, pageAddress()), [authority, clientId]);
  const [signedIn, setSignedIn] = useState<SignedIn>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    async function look(): Promise<SignedIn> {
      await oidc.finish().catch((error: unknown) => setProblem(messageOf(error)));
      return { admin: await oidc.identity('admin'), student: await oidc.identity('student') };
    }
    look().then(setSignedIn, (error: unknown) => setProblem(messageOf(error)));
  }, [oidc]);

  const begin = (role: Role): void => {
    setProblem(undefined);
    oidc.begin(role).catch((error: unknown) => setProblem(messageOf(error)));
  };
  /** Whoever leaves as the admin leaves nobody behind: the tokens of both are revoked and forgotten. */
  async function leave(role: Role): Promise<void> {
    setProblem(undefined);
    const leaving: readonly Role[] = role === 'admin' ? ['student', 'admin'] : [role];
    await Promise.all(leaving.map((each) => oidc.signOut(each)));
    setSignedIn((before) => ({ admin: role === 'admin' ? undefined : before?.admin, student: undefined }));
  }

  if (signedIn?.admin !== undefined) {
    const { admin, student } = signedIn;
    return (
      <WithAdmin
        config={config}
        admin={admin}
        student={student}
        problem={problem}
        onSignIn={() => begin('student')}
        onSignOut={(role) => void leave(role).catch((error: unknown) => setProblem(messageOf(error)))}
      />
    );
  }
  return (
    <Center h="100vh" component="main">
      <Stack align="center">
        <Title order={1}>Lockstep console</Title>
        {problem !== undefined && (
          <Alert color="red" role="alert">
            {problem}
          </Alert>
        )}
        {signedIn === undefined && problem === undefined ? (
          <Loader aria-label="Looking who is signed in" />
        ) : (
          <Button onClick={() => begin('admin')}>Sign in as an admin</Button>
        )}
      </Stack>
    </Center>
  );
}

/** The address that the provider knows: without what is asked for and without the route. */
function pageAddress(): string {
  return `${window.location.origin}${window.location.pathname}`;
}

interface WithAdminProps {
  readonly config: Config;
  readonly admin: Identity;
  readonly student: Identity | undefined;
  /** What went wrong as a student signed in or out. */
  readonly problem: string | undefined;
  readonly onSignIn: () => void;
  readonly onSignOut: (role: Role) => void;
}

function WithAdmin({ config, admin, student, problem, onSignIn, onSignOut }: WithAdminProps) {
  const adminSession = useSession(config, admin);
  const studentSession = useSession(config, student);
  const studentSignIn = (
    <Group gap="xs">
      {problem !== undefined && (
        <Text size="xs" c="red" role="alert">
          {problem}
        </Text>
      )}
      {student === undefined ? (
        <Button onClick={onSignIn}>Sign in as a student</Button>
      ) : (
        <Button variant="default" onClick={() => onSignOut('student')}>
          Sign the student out
        </Button>
      )}
    </Group>
  );
  return (
    <Console
      config={config}
      admin={adminSession}
      student={studentSession}
      studentSignIn={studentSignIn}
      onSignOut={() => onSignOut('admin')}
    />
  );
}
