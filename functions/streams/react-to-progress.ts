import * as z from 'zod';
import { StudentProgressRow } from '../../shared/contracts/rows.ts';
import { type Due, duesOf } from '../../shared/domain/certificate.ts';
import type { FlowName } from '../../shared/domain/sync-flow.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { keepDerivedLag } from '../../shared/runtime/derived-lag.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import { createStreamHandler, type Delivery, type StreamRecord } from '../../shared/runtime/stream-loop.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { type DueState, readDues, writeDue } from '../../shared/store/dues.ts';
import { keepFailure } from '../../shared/store/failures.ts';
import type { Named } from '../../shared/store/keys.ts';
import type { LagMeter } from '../../shared/store/lag-meter.ts';
import { MalformedRow } from '../../shared/store/reads.ts';
import { settle, type SettleOptions } from '../../shared/store/settle.ts';

export const uses = [
  'studentProgress',
  'courses',
  'students',
  'certificates',
  'notifications',
  'failures',
  'measurements',
] as const;

export const environment = z.object(tableVariables(uses));

export interface ReactToProgressDeps {
  readonly documents: Documents;
  readonly tables: Named<(typeof uses)[number]>;
  /** Random bytes that nobody can guess, as many as a certificate's code is made of. */
  readonly random: () => Uint8Array;
  readonly logger: Log;
  readonly clock: Clock;
  readonly settling?: SettleOptions;
  /** Keeps how long changes took; without it nobody measures. */
  readonly lag?: LagMeter;
}

/** Dues written at once. */
const LANES = 8;

/**
 * Follows studentProgress and writes, once each, what a row calls for: the certificate of a completed course
 * together with the news of it, and the news of a percentage that a change of the course lowered. Only the new
 * image counts, so order and repetition do not matter. A row that calls for nothing costs nothing; one whose dues
 * are there costs a share of one BatchGet.
 */
export function reactToProgress(deps: ReactToProgressDeps) {
  const { documents, tables, random, logger, clock, lag } = deps;
  /** What records called for that was not there. */
  const called = new WeakMap<StreamRecord, readonly FlowName[]>();
  const read = (dues: readonly Due[]) => settle(() => readDues(documents, tables, dues), deps.settling);

  const write = (due: Due, known: DueState | undefined) =>
    writeDue(documents, tables, due, { known, random, now: clock, settling: deps.settling });

  return createStreamHandler<StudentProgressRow | undefined>({
    parse: ({ newImage }) => (newImage === undefined ? undefined : StudentProgressRow.parse(newImage)),
    apply: async (batch) => {
      const groups = duesIn(batch, clock());
      const states = await readTogether(groups, read);
      const failed: { record: StreamRecord; error: unknown }[] = [];
      const aside: { record: StreamRecord; reason: string }[] = [];
      await inParallel([...groups.entries()], LANES, async ([index, { due, records }]) => {
        if (states[index] !== 'there') {
          for (const record of records)
            called.set(record, [...(called.get(record) ?? []), ...FLOWS_OF[due.kind]]);
        }
        try {
          await write(due, states[index]);
        } catch (error) {
          if (error instanceof MalformedRow) {
            aside.push(...records.map((record) => ({ record, reason: error.message })));
          } else failed.push(...records.map((record) => ({ record, error })));
        }
      });
      return { failed, aside };
    },
    setAside: (record, reason) =>
      keepFailure(documents, tables, { consumer: 'react-to-progress', record, reason }, clock()),
    ...(lag !== undefined && { ended: keepDerivedLag(lag, clock, (record) => called.get(record) ?? []) }),
    logger,
  });
}

/** A certificate comes with the news of it. */
const FLOWS_OF: Readonly<Record<Due['kind'], readonly FlowName[]>> = {
  certificate: ['certificates', 'notifications'],
  progress_lowered: ['notifications'],
};

/** One due with the records that call for it. */
interface DueGroup {
  readonly due: Due;
  readonly records: StreamRecord[];
}

/** The dues of a batch, each once: by the earliest of its rows, which is nearest to what happened. */
function duesIn(batch: readonly Delivery<StudentProgressRow | undefined>[], now: Date): DueGroup[] {
  const groups = new Map<string, DueGroup>();
  const inOrder = batch.toSorted((one, other) => (one.change?.version ?? 0) - (other.change?.version ?? 0));
  for (const { change, record } of inOrder) {
    for (const due of change === undefined ? [] : duesOf(change, now)) {
      const { userId, courseId } = due.progress;
      const about = due.kind === 'certificate' ? courseId : due.notificationId;
      const name = `${due.kind}#${userId}#${about}`;
      const group = groups.get(name) ?? { due, records: [] };
      groups.set(name, group);
      group.records.push(record);
    }
  }
  return [...groups.values()];
}

/** One malformed row must not stop the others: then none is known beforehand and each due is read alone. */
async function readTogether(
  groups: readonly DueGroup[],
  read: (dues: readonly Due[]) => Promise<readonly DueState[]>,
): Promise<readonly DueState[]> {
  try {
    return await read(groups.map(({ due }) => due));
  } catch (error) {
    if (error instanceof MalformedRow) return [];
    throw error;
  }
}
