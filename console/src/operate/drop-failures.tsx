import { Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import * as format from '../format.ts';
import { Confirm } from './page-parts.tsx';

interface DropFailuresProps {
  readonly count: number;
  readonly onClose: () => void;
  readonly onDrop: (reason: string) => Promise<void>;
}

/** Asks why records are let be: that is all that stays of them. */
export function DropFailures({ count, onClose, onDrop }: DropFailuresProps) {
  const [reason, setReason] = useState('');
  const given = reason.trim();
  return (
    <Confirm
      title={`Drop ${format.several(count, 'record')}?`}
      verb="Drop"
      destructive
      disabled={given === ''}
      onClose={onClose}
      onConfirm={() => onDrop(given)}
    >
      <Text size="sm" mb="xs">
        Nobody will process {count === 1 ? 'it' : 'them'}, and the content is not kept. What follows from the
        row may stay out of step until the next reconciliation.
      </Text>
      <Textarea
        label="Why"
        data-autofocus
        required
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Confirm>
  );
}
