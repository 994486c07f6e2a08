import {
  Alert,
  AppShell,
  Burger,
  Button,
  Group,
  NavLink,
  SegmentedControl,
  Text,
  Title,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useSyncExternalStore } from 'react';
import type { Actions } from './actions.ts';
import { Announcer } from './announcer.tsx';
import { pages } from './pages.ts';
import { hashOf, type PageName, PAGES } from './address.ts';
import { useRoute } from './route.ts';
import { messageOf } from './message-of.ts';
import { type Trouble as SaidTrouble, troubleOf } from './problems.ts';
import type { Session } from './session.ts';

interface ShellProps {
  readonly title: string;
  readonly admin: Session;
  readonly student: Session | undefined;
  readonly actions: Actions;
  readonly onSignOut?: (() => void) | undefined;
  readonly children: ReactNode;
}

/** The frame of every page: where one is, where one can go, and whether the connections are up. */
export function Shell({ title, admin, student, actions, onSignOut, children }: ShellProps) {
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 220, breakpoint: 'md', collapsed: { desktop: true, mobile: !opened } }}
      padding={{ base: 'sm', md: 'md' }}
    >
      <a className="skip-link" href="#main" onClick={focusMain}>
        Skip to the content
      </a>
      <AppShell.Header px={{ base: 'sm', md: 'md' }}>
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="md" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label="Pages"
              aria-expanded={opened}
            />
            <Text fw={700} component="span">
              Lockstep
            </Text>
            <Group component="nav" aria-label="Pages" gap={2} visibleFrom="md" wrap="nowrap">
              <Links />
            </Group>
          </Group>
          <Group gap="md" wrap="nowrap">
            <Connection session={admin} />
            {student !== undefined && <Connection session={student} />}
            <Group gap="xs" visibleFrom="md" wrap="nowrap">
              <ColorScheme />
              {onSignOut !== undefined && <SignOut onSignOut={onSignOut} />}
            </Group>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Pages" hiddenFrom="md" inert={!opened} onClick={close}>
        <Links />
        <Group mt="md" gap="xs" onClick={(event) => event.stopPropagation()}>
          <ColorScheme />
          {onSignOut !== undefined && <SignOut onSignOut={onSignOut} />}
        </Group>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Title order={1} mb="sm">
          {title}
        </Title>
        <Trouble session={admin} who="The admin">
          {(said) => student !== undefined && <Trouble session={student} who="The student" said={said} />}
        </Trouble>
        {children}
        <Announcer actions={actions} />
      </AppShell.Main>
    </AppShell>
  );
}

// The address is the route's, so the link cannot go there by it.
function focusMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function Links() {
  const route = useRoute();
  return PAGES.map((name: PageName) => (
    <NavLink
      key={name}
      href={hashOf({ ...route, page: name })}
      label={pages[name].title}
      active={route.page === name}
      aria-current={route.page === name ? 'page' : undefined}
      className="page-link"
      variant="subtle"
    />
  ));
}

const STATES = {
  idle: { tone: 'wait', text: 'not connected' },
  connecting: { tone: 'wait', text: 'connecting' },
  live: { tone: 'good', text: 'live' },
  polling: { tone: 'wait', text: 'polling' },
  closed: { tone: 'bad', text: 'closed' },
} as const;

function Connection({ session }: { readonly session: Session }) {
  const state = useSyncExternalStore(session.onChange, session.state);
  const { tone, text } = STATES[state];
  return (
    <span
      className="status small"
      data-connection={session.role}
      data-state={state}
      title={`${session.role}: ${text}`}
    >
      <span className="dot" data-tone={tone} aria-hidden="true" />
      <span className="connection-name">{session.role === 'admin' ? 'admin' : session.userId}</span>
      <span className="connection-state quiet">{text}</span>
    </span>
  );
}

interface TroubleProps {
  readonly session: Session;
  readonly who: string;
  /** What is said already, and is not said of this one too. */
  readonly said?: SaidTrouble['kind'] | undefined;
  /** What else there is to say. */
  readonly children?: (said: SaidTrouble['kind'] | undefined) => ReactNode;
}

/** Why nothing is live, while it is so, or that somebody has to sign in again. */
function Trouble({ session, who, said, children = () => null }: TroubleProps) {
  const state = useSyncExternalStore(session.onChange, session.state);
  const problems = useSyncExternalStore(session.onChange, session.problems);
  const trouble = troubleOf(state, problems);
  if (trouble === undefined || trouble.kind === said) return children(said);
  const why = messageOf(trouble.error).replace(/[.?]?$/, (end) => end || '.');
  return (
    <>
      <Alert color="red" mb="sm" py={6} role="alert" data-trouble={trouble.kind}>
        {trouble.kind === 'signed-out'
          ? `${who} is not signed in any more: ${why} What is shown may be old; sign out, and in again.`
          : `${who} is not connected: ${why} It is tried again all the time; what is shown may be old.`}
      </Alert>
      {children(trouble.kind)}
    </>
  );
}

const SCHEMES = [
  { value: 'auto', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

function ColorScheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      size="xs"
      aria-label="Colours"
      data={SCHEMES}
      value={colorScheme}
      onChange={(value) =>
        (value === 'light' || value === 'dark' || value === 'auto') && setColorScheme(value)
      }
    />
  );
}

function SignOut({ onSignOut }: { readonly onSignOut: () => void }) {
  return (
    <Button size="xs" variant="default" onClick={onSignOut}>
      Sign out
    </Button>
  );
}
