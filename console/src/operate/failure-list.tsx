import { Button, Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FailureView } from '../../../shared/contracts/failures.ts';
import * as format from '../format.ts';

interface FailureListProps {
  readonly failures: readonly FailureView[];
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
  readonly opened: string | undefined;
  readonly onOpened: (failureId: string | undefined) => void;
  /** Of the one that is opened. */
  readonly content: (failureId: string) => ReactNode;
}

/** What is set aside, to choose from and to look into. */
export function FailureList({ failures, chosen, onChosen, opened, onOpened, content }: FailureListProps) {
  const chosenHere = failures.filter(({ failureId }) => chosen.has(failureId)).length;
  const all = chosenHere === failures.length;
  function choose(failureId: string): void {
    const next = new Set(chosen);
    if (!next.delete(failureId)) next.add(failureId);
    onChosen(next);
  }
  return (
    <>
      <Checkbox
        size="xs"
        label={`Choose all ${format.count(failures.length)} shown`}
        checked={all && failures.length > 0}
        indeterminate={!all && chosenHere > 0}
        onChange={() => onChosen(all ? new Set() : new Set(failures.map(({ failureId }) => failureId)))}
      />
      <ul className="lines" aria-labelledby="failures-list">
        {failures.map(({ failureId, setAsideAt, consumer, table, reason }) => {
          const name = `${table} of ${consumer}, ${format.moment(setAsideAt)}`;
          const isOpened = failureId === opened;
          return (
            <li className="line failure" key={failureId} data-failure={failureId}>
              <Checkbox
                size="xs"
                aria-label={`Choose ${name}`}
                checked={chosen.has(failureId)}
                onChange={() => choose(failureId)}
              />
              <div className="wraps">
                <strong>{table}</strong> <span className="quiet">of</span> {consumer}{' '}
                <span className="small quiet">{format.moment(setAsideAt)}</span>
                <div className="small">{reason}</div>
              </div>
              <Button
                size="compact-xs"
                variant="default"
                aria-expanded={isOpened}
                aria-label={`${isOpened ? 'Close' : 'Open'} the record in ${name}`}
                onClick={() => onOpened(isOpened ? undefined : failureId)}
              >
                {isOpened ? 'Close' : 'Open'}
              </Button>
              {isOpened && <div className="line-rest">{content(failureId)}</div>}
            </li>
          );
        })}
      </ul>
    </>
  );
}
