import { describe, expect, it, vi } from 'vitest';
import { type Token, tokenSource } from '../../console/src/token.ts';

/** An issuer of tokens that live so long, and a clock. */
function issuer(lifeMs: number) {
  let at = 0;
  let asked = 0;
  const ask = async (): Promise<Token> => {
    asked += 1;
    return { accessToken: `token-${asked}`, expiresAt: at + lifeMs };
  };
  return { token: tokenSource(ask, () => at), pass: (ms: number) => (at += ms), asked: () => asked };
}

const HOUR = 3_600_000;

describe('The token of somebody who is signed in', () => {
  it('is asked for once, however many need it', async () => {
    const { token, asked } = issuer(HOUR);
    expect(await Promise.all([token(), token(), token()])).toEqual(['token-1', 'token-1', 'token-1']);
    expect(await token()).toBe('token-1');
    expect(asked()).toBe(1);
  });

  it('is asked for anew a minute before it ends', async () => {
    const { token, pass } = issuer(HOUR);
    await token();
    pass(HOUR - 60_001);
    expect(await token()).toBe('token-1');
    pass(1);
    expect(await token()).toBe('token-2');
  });

  it('is another one than the server refused', async () => {
    const { token, asked } = issuer(HOUR);
    expect(await token()).toBe('token-1');
    expect(await token('token-1')).toBe('token-2');
    // Somebody who was refused earlier gets what is in force now.
    expect(await token('token-1')).toBe('token-2');
    expect(asked()).toBe(2);
  });

  it('is asked for anew at four fifths of a short life', async () => {
    const { token, pass } = issuer(10_000);
    await token();
    pass(7_999);
    expect(await token()).toBe('token-1');
    pass(1);
    expect(await token()).toBe('token-2');
  });

  it('is asked for again when none came in time, and counts when it comes late all the same', async () => {
    vi.useFakeTimers();
    try {
      const given: ((token: Token) => void)[] = [];
      const token = tokenSource(() => new Promise((resolve) => given.push(resolve)));
      const [one, other] = [token(), token()];
      const told = Promise.all([expect(one).rejects.toThrow('in time'), expect(other).rejects.toThrow()]);
      await vi.advanceTimersByTimeAsync(10_000);
      await told;
      const next = token();
      expect(given).toHaveLength(2);
      given[1]!({ accessToken: 'second', expiresAt: Date.now() + HOUR });
      expect(await next).toBe('second');
      given[0]!({ accessToken: 'late', expiresAt: Date.now() + HOUR });
      await vi.advanceTimersByTimeAsync(0);
      expect(await token()).toBe('late');
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is asked for again after a failure', async () => {
    let fails = true;
    const token = tokenSource(async () => {
      if (fails) throw new Error('the issuer is down');
      return { accessToken: 'token', expiresAt: Date.now() + HOUR };
    });
    await expect(token()).rejects.toThrow('the issuer is down');
    fails = false;
    expect(await token()).toBe('token');
  });
});
