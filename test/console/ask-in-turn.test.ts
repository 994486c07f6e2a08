import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askInTurn, type News } from '../../console/src/operate/ask-in-turn.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function asking(patienceMs?: number) {
  const asked: { signal: AbortSignal; answer: (data: string) => void; refuse: (error: unknown) => void }[] =
    [];
  const told: { news: News<string>; busy: boolean }[] = [];
  const turns = askInTurn<string>(
    (signal) =>
      new Promise((answer, refuse) => {
        asked.push({ signal, answer, refuse });
        signal.addEventListener('abort', () => refuse(signal.reason));
      }),
    (news, busy) => told.push({ news, busy }),
    patienceMs,
  );
  const settled = () => vi.advanceTimersByTimeAsync(0);
  return { asked, told, turns, settled };
}

describe('A question that is asked again while it is under way', () => {
  it('is answered first, and then asked once more, however often it was asked', async () => {
    const { asked, told, turns, settled } = asking();
    turns.again();
    for (let time = 0; time < 9; time += 1) turns.again();
    expect(asked).toHaveLength(1);
    expect(asked[0]?.signal.aborted).toBe(false);
    asked[0]?.answer('first');
    await settled();
    expect(told).toEqual([{ news: { data: 'first' }, busy: true }]);
    expect(asked).toHaveLength(2);
    asked[1]?.answer('second');
    await settled();
    expect(told[1]).toEqual({ news: { data: 'second' }, busy: false });
    expect(asked).toHaveLength(2);
  });

  it('is asked once more after a failure too', async () => {
    const { asked, told, turns, settled } = asking();
    turns.again();
    turns.again();
    asked[0]?.refuse('busy');
    await settled();
    expect(told).toEqual([{ news: { error: 'busy' }, busy: true }]);
    expect(asked).toHaveLength(2);
  });
});

describe('A question', () => {
  it('that nobody asks any more is broken off, and nothing is told of it', async () => {
    const { asked, told, turns, settled } = asking();
    turns.again();
    turns.again();
    turns.stop();
    await settled();
    expect(asked[0]?.signal.aborted).toBe(true);
    turns.again();
    expect(asked).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it('that is never answered is given up, so that the next can be asked', async () => {
    const { asked, told, turns, settled } = asking(50);
    turns.again();
    turns.again();
    await vi.advanceTimersByTimeAsync(50);
    expect(told).toEqual([{ news: { error: new Error('There was no reply in time') }, busy: true }]);
    asked[1]?.answer('after all');
    await settled();
    expect(told[1]).toEqual({ news: { data: 'after all' }, busy: false });
  });
});
