import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rejectRequest, requestAccess } from '../../shared/domain/access-request.ts';
import { entriesOf, type LedgerEntry, removedEntryOf } from '../../shared/domain/contribution.ts';
import { applyToLedger, type LedgerState } from '../../shared/domain/ledger.ts';
import type { AccessRequestState } from '../../shared/domain/states.ts';
import { latestOf, type RowHistory } from '../../shared/runtime/row-history.ts';
import { at, cause, course, id } from './builders.ts';

const onRequest = course({ access: 'request' });

/** What a request became by one command after the other, a millisecond apart: its rows, and undefined where it went. */
function statesAfter(commands: readonly ('ask' | 'reject' | 'go')[]): (AccessRequestState | undefined)[] {
  let request: AccessRequestState | undefined;
  return commands.map((command, index) => {
    const now = at((index + 1) / 1000);
    if (command === 'go') request = undefined;
    else if (command === 'ask') {
      const given = {
        userId: id<never>('u1'),
        course: onRequest,
        enrollment: undefined,
        request,
        now,
        cause,
      };
      request = requestAccess(given) ?? request;
    } else if (request?.status === 'pending') {
      const given = { request, title: 'T', reason: 'full', by: id<never>('admin'), now, cause };
      request = rejectRequest(given)?.request ?? request;
    }
    return request;
  });
}

interface Record {
  readonly before: AccessRequestState | undefined;
  readonly after: AccessRequestState | undefined;
}

/** The records of the stream: one for each change. */
function recordsOf(states: readonly (AccessRequestState | undefined)[]): Record[] {
  return states
    .map((after, index) => ({ before: index === 0 ? undefined : states[index - 1], after }))
    .filter(({ before, after }) => before !== after);
}

function entryOf({ before, after }: Record): LedgerEntry[] {
  if (after !== undefined) return entriesOf('accessRequests', after);
  return before === undefined ? [] : [removedEntryOf('accessRequests', before)];
}

/** The records as they happened, then any of them again, in any order. */
const delivered = fc
  .array(fc.constantFrom('ask' as const, 'reject' as const, 'go' as const), { minLength: 1, maxLength: 14 })
  .map((commands) => statesAfter(commands))
  .chain((states) => {
    const records = recordsOf(states);
    const again = records.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...records));
    return fc.record({ last: fc.constant(states.at(-1)), records: fc.constant(records), again });
  });

test('a request that went and came back is counted once, also when older records come again', () => {
  fc.assert(
    fc.property(delivered, fc.boolean(), ({ last, records, again }, shuffled) => {
      const all = shuffled ? [...again, ...records, ...again] : [...records, ...again];
      let ledger: LedgerState[] = [];
      let pending = 0;
      for (const record of all) {
        const { ledgers, deltas } = applyToLedger(ledger, entryOf(record));
        const [next] = ledgers;
        if (next !== undefined) ledger = [next];
        pending += deltas['school|total']?.pendingRequests ?? 0;
      }
      expect(pending).toBe(last?.status === 'pending' ? 1 : 0);
    }),
    { numRuns: 1000 },
  );
});

test('a batch of any of its records, in any order, says what the newest does', () => {
  fc.assert(
    fc.property(
      delivered.filter(({ records }) => records.length > 0),
      ({ last, records, again }) => {
        const histories = [...again, ...records].map(
          ({
            before,
            after,
          }): RowHistory<{
            row: AccessRequestState;
          }> => ({
            identity: 'the request',
            eventId: 'e',
            before: before && { row: before },
            after: after && { row: after },
          }),
        );
        expect(latestOf(histories)[0]?.after?.row).toEqual(last);
      },
    ),
    { numRuns: 1000 },
  );
});
