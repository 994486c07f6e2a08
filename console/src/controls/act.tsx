import type { FormEvent, ReactNode } from 'react';
import type { Replied } from '../actions.ts';
import { BusyButton } from '../busy-button.tsx';
import { Problem } from '../problem.tsx';
import { type Deed, useDeed } from './use-deed.ts';

interface ActProps<Result extends Replied> extends Deed<Result> {
  readonly label: string;
  /** What a screen reader says where the label alone is ambiguous. */
  readonly about?: string;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  /** As high as the field that it stands beside. */
  readonly besideField?: boolean;
}

/** A button that does something; what goes wrong is told beside it. */
export function Act<Result extends Replied>(props: ActProps<Result>) {
  const { label, about, primary = false, disabled = false, besideField = false } = props;
  const { busy, error, start } = useDeed(props);
  return (
    <>
      <BusyButton
        size={besideField ? 'xs' : 'compact-sm'}
        variant={primary ? 'filled' : 'default'}
        busy={busy}
        disabled={disabled}
        aria-label={about === undefined ? undefined : `${label} ${about}`}
        onClick={() => void start()}
      >
        {label}
      </BusyButton>
      <Problem error={error} />
    </>
  );
}

interface ActFormProps<Result extends Replied> extends ActProps<Result> {
  readonly children: ReactNode;
}

/** Fields that are sent by a button or by Enter. */
export function ActForm<Result extends Replied>(props: ActFormProps<Result>) {
  const { label, about, primary = false, disabled = false, children } = props;
  const { busy, error, start } = useDeed(props);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!disabled) void start();
  };
  return (
    <form className="control" data-fields onSubmit={submit}>
      {children}
      <BusyButton
        type="submit"
        size="xs"
        variant={primary ? 'filled' : 'default'}
        busy={busy}
        disabled={disabled}
        aria-label={about === undefined ? undefined : `${label} ${about}`}
      >
        {label}
      </BusyButton>
      <Problem error={error} />
    </form>
  );
}

/** Controls that belong together, under a name. */
export function ControlGroup({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <fieldset className="control-group">
      <legend>{name}</legend>
      <div className="controls">{children}</div>
    </fieldset>
  );
}

/** An id for something new that the client names. */
export function newId(kind: string): string {
  return `${kind}-${crypto.randomUUID().slice(0, 8)}`;
}
