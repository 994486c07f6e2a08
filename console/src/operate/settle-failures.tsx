import { Alert } from '@mantine/core';
import { ApiError } from '../../../shared/client/api.ts';
import * as format from '../format.ts';
import { messageOf } from '../message-of.ts';
import type { Outcome } from './settle-each.ts';

/** Why a failure stays, and what to do about it. */
export function whyNot(error: unknown): string {
  return `${messageOf(error).replace(/\.$/, '')}. ${adviceOn(error)}`;
}

function adviceOn(error: unknown): string {
  const code = error instanceof ApiError ? error.problem.code : undefined;
  switch (code) {
    case 'failure_settled':
      return 'Somebody was faster: nothing is left to do.';
    case 'failure_not_redrivable':
      return 'Views are read again by themselves: drop it.';
    case 'row_gone':
      return 'Its row is not there any more: drop it.';
    case 'row_malformed':
      return 'Mend its row first, or drop it.';
    case 'busy':
      return 'Try again in a moment.';
    default:
      return 'Try again, and look into the logs if that does not help.';
  }
}

/** What became of those that were to be settled last. */
export function Outcomes({ outcomes }: { readonly outcomes: readonly Outcome[] }) {
  const count = (how: 'redriven' | 'dropped') =>
    outcomes.filter((outcome) => 'done' in outcome && outcome.done === how).length;
  const problems = new Map<string, number>();
  for (const outcome of outcomes) {
    if ('problem' in outcome) problems.set(outcome.problem, (problems.get(outcome.problem) ?? 0) + 1);
  }
  const [redriven, dropped] = [count('redriven'), count('dropped')];
  const said = [
    ...(redriven > 0 ? [`${format.count(redriven)} redriven`] : []),
    ...(dropped > 0 ? [`${format.count(dropped)} dropped`] : []),
  ];
  return (
    <div role="status">
      {outcomes.length > 0 && (
        // The part around it tells of it.
        <Alert role="group" variant="light" color={problems.size > 0 ? 'orange' : 'gray'} mb="xs" p="xs">
          {said.join(', ')}
          {problems.size > 0 && (
            <ul style={{ margin: 0, paddingLeft: 18 }}>
              {[...problems].map(([problem, times]) => (
                <li key={problem}>
                  {format.count(times)} stay: {problem}
                </li>
              ))}
            </ul>
          )}
        </Alert>
      )}
    </div>
  );
}
