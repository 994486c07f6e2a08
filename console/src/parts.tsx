import { Progress } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import * as format from './format.ts';

/** Small parts of which the views are made. */

/** How often a value has changed while it was looked at. */
export function useChanges(value: unknown): number {
  const [seen, setSeen] = useState({ value, changes: 0 });
  if (seen.value === value) return seen.changes;
  // The first value after none is no change, and none is none.
  const changes = value === undefined || seen.value === undefined ? seen.changes : seen.changes + 1;
  setSeen({ value, changes });
  return changes;
}

/** A value that is lit up for a moment when it changes. */
export function Live({ value, children }: { readonly value: unknown; readonly children?: ReactNode }) {
  const changes = useChanges(value);
  return (
    <span key={changes} className={changes > 0 ? 'changed' : undefined}>
      {children ?? String(value)}
    </span>
  );
}

const TONES: Readonly<Record<string, 'good' | 'wait' | 'bad'>> = {
  active: 'good',
  published: 'good',
  completed: 'good',
  done: 'good',
  running: 'wait',
  approved: 'good',
  pending: 'wait',
  in_progress: 'wait',
  draft: 'wait',
  failed: 'bad',
  rejected: 'bad',
};

/** The state of something, by a word with a dot of its colour. */
export function Status({ of, children }: { readonly of: string; readonly children?: ReactNode }) {
  return (
    <span className="status">
      <span className="dot" data-tone={TONES[of]} aria-hidden="true" />
      <Live value={of}>{children ?? of.replaceAll('_', ' ')}</Live>
    </span>
  );
}

/** A progress as a bar and a number. */
export function Bar({ value, of }: { readonly value: number | null; readonly of: string }) {
  return (
    <Progress.Root size="sm" mt={4}>
      <Progress.Section
        value={value ?? 0}
        aria-label={`Progress of ${of}`}
        aria-valuetext={format.percent(value)}
      />
    </Progress.Root>
  );
}

/** A figure with its name below. */
export function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">
        <Live value={value} />
      </dd>
    </div>
  );
}

/** Says that a list goes on: a card shows its first page. */
export function AndMore({ cursor }: { readonly cursor: string | undefined }) {
  return cursor === undefined ? null : <li className="line quiet small">… and more</li>;
}

/** What a list says when it is empty. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return (
    <p className="quiet" style={{ margin: '2px 0' }}>
      {children}
    </p>
  );
}
