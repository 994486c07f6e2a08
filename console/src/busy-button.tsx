import { Button, type ButtonProps } from '@mantine/core';
import type { ComponentPropsWithoutRef, MouseEvent } from 'react';

type BusyButtonProps = Omit<ButtonProps, 'loading'> &
  Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> & {
    /** Whether what it does is under way: it is not clicked then, and keeps the focus. */
    readonly busy: boolean;
  };

/** A button that is at work for a while. One that is disabled would lose the focus of those who use a keyboard. */
export function BusyButton({ busy, onClick, ...props }: BusyButtonProps) {
  const click = (event: MouseEvent<HTMLButtonElement>): void => {
    // One that submits must not do so either.
    if (busy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <Button
      {...props}
      data-loading={busy || undefined}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={click}
    />
  );
}
