import { Anchor, Collapse } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';

interface DisclosureProps {
  readonly show: string;
  readonly hide: string;
  readonly children: ReactNode;
}

/** Something that is there for whoever asks for it. */
export function Disclosure({ show, hide, children }: DisclosureProps) {
  const [opened, setOpened] = useState(false);
  const content = useId();
  return (
    <>
      <Anchor
        component="button"
        type="button"
        size="xs"
        mt={4}
        aria-expanded={opened}
        aria-controls={content}
        onClick={() => setOpened(!opened)}
      >
        {opened ? hide : show}
      </Anchor>
      <Collapse expanded={opened} id={content} keepMounted={false}>
        {children}
      </Collapse>
    </>
  );
}
