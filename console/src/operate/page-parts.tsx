import { Alert, Button, EmptyState, Group, Loader, Modal, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { BusyButton } from '../busy-button.tsx';
import { Problem } from '../problem.tsx';
import type { Asked, AskedList } from './use-reply.ts';

/** Parts that the pages for operating the school share. */

/** A part of a page under a heading, on a ground of its own. */
export function Panel(props: {
  readonly id: string;
  readonly title: ReactNode;
  /** Beside the heading. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  const { id, title, aside, children } = props;
  return (
    <section className="panel" aria-labelledby={id}>
      <Group justify="space-between" align="center" gap="xs" mb="xs">
        <h2 className="panel-title" id={id}>
          {title}
        </h2>
        {aside}
      </Group>
      {children}
    </section>
  );
}

/** Says that something could not be read, why, and offers to try again; what was read before stays. */
export function Unread({ asked, what }: { readonly asked: Asked<unknown>; readonly what: string }) {
  if (asked.error === undefined) return null;
  return (
    // What is wrong is told by the part inside.
    <Alert role="group" color="red" variant="light" title={`${what} could not be read`} mb="sm">
      <Problem error={asked.error} />
      {asked.data !== undefined && <Text size="xs">What is shown was read before.</Text>}
      <BusyButton size="xs" variant="default" mt="xs" onClick={asked.again} busy={asked.busy}>
        Try again
      </BusyButton>
    </Alert>
  );
}

/** What is shown of an answer: a sign that it is on its way, why it did not come, or what it says. */
export function Answered<Data>(props: {
  readonly asked: Asked<Data>;
  readonly what: string;
  readonly children: (data: Data) => ReactNode;
}) {
  const { asked, what, children } = props;
  return (
    <>
      <Unread asked={asked} what={what} />
      {asked.data !== undefined
        ? children(asked.data)
        : asked.busy && <Loader size="sm" aria-label={`Reading ${what}`} />}
    </>
  );
}

/** An empty list, with how to get something into it. */
export function Nothing({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return <EmptyState size="sm" align="left" title={title} description={children} my="xs" />;
}

/** Reads the next page of a list; nothing at its end. */
export function More({ list, about }: { readonly list: AskedList<unknown>; readonly about?: string }) {
  if (list.more === undefined) return null;
  return (
    <BusyButton
      size="xs"
      variant="default"
      mt="sm"
      onClick={list.more}
      busy={list.growing}
      aria-label={about === undefined ? undefined : `More ${about}`}
    >
      More
    </BusyButton>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** What the button says. */
  readonly verb: string;
  readonly destructive?: boolean;
  readonly disabled?: boolean;
  readonly onClose: () => void;
  /** What it rejects with is shown, and the question stays. */
  readonly onConfirm: () => Promise<void>;
}

/** Asks before something is done. Mounted while it asks; it stays until what was confirmed is done or refused. */
export function Confirm(props: ConfirmProps) {
  const { title, children, verb, destructive = false, disabled = false, onClose, onConfirm } = props;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  async function confirm(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  }
  const leave = (): void => {
    if (!busy) onClose();
  };
  return (
    <Modal
      opened
      onClose={leave}
      title={<strong>{title}</strong>}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void confirm();
        }}
      >
        {children}
        <Problem error={error} />
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" disabled={busy} onClick={leave}>
            Leave it
          </Button>
          <BusyButton type="submit" color={destructive ? 'red' : undefined} busy={busy} disabled={disabled}>
            {verb}
          </BusyButton>
        </Group>
      </form>
    </Modal>
  );
}
