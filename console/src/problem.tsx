import { ApiError } from '../../shared/client/api.ts';
import { messageOf } from './message-of.ts';

interface ProblemProps {
  readonly error: unknown;
  /** Whether it is told elsewhere already, to those who do not see it. */
  readonly quiet?: boolean;
}

/** A refusal beside the control that met it: what is wrong, field by field, and what it is called in the logs. */
export function Problem({ error, quiet = false }: ProblemProps) {
  if (error === undefined) return null;
  const details = error instanceof ApiError ? Object.entries(error.problem.details) : [];
  return (
    <div className="problem" role={quiet ? undefined : 'alert'}>
      {messageOf(error)}
      {details.length > 0 && (
        <ul>
          {details.map(([field, what]) => (
            <li key={field}>
              {field}: {String(what)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
