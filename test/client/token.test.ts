import { describe, expect, it, vi } from 'vitest';
import { ApiError, createApiClient } from '../../shared/client/api.ts';
import { keepToken } from '../../shared/client/token-source.ts';

/** A server that takes some tokens, and a client whose tokens come one after the other. */
function meet(taken: readonly string[], ...given: string[]) {
  const asked: (string | null)[] = [];
  const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    const authorization = new Headers(init.headers).get('authorization');
    asked.push(authorization);
    const fits = taken.some((token) => authorization === `Bearer ${token}`);
    return new Response(fits ? '{}' : '{"message":"Unauthorized"}', { status: fits ? 200 : 401 });
  };
  let next = 0;
  const token = vi.fn((_refused?: string) => given[Math.min(next++, given.length - 1)]!);
  return { asked, token, api: createApiClient({ url: 'http://school', token, fetch }) };
}

describe('a token that the server does not take', () => {
  it('is told, and the call is made again with the new one', async () => {
    const { api, asked, token } = meet(['new'], 'old', 'new');
    await expect(api.call('get-student-profile')).resolves.toMatchObject({ status: 200 });
    expect(token.mock.calls).toEqual([[], ['old']]);
    expect(asked).toEqual(['Bearer old', 'Bearer new']);
  });

  it('refuses the call where there is no other', async () => {
    const { api, asked } = meet([], 'old');
    await expect(api.call('get-student-profile')).rejects.toBeInstanceOf(ApiError);
    expect(asked).toHaveLength(1);
  });

  it('refuses the call where the new one is not taken either, and is not replaced for ever', async () => {
    const { api, asked } = meet([], 'first', 'second', 'third');
    await expect(api.call('get-student-profile')).rejects.toMatchObject({ status: 401 });
    expect(asked).toEqual(['Bearer first', 'Bearer second']);
  });

  it('refuses the call where it is fixed', async () => {
    const { asked } = meet([]);
    const fetch = async (): Promise<Response> => {
      asked.push('once');
      return new Response('{}', { status: 401 });
    };
    const api = createApiClient({ url: 'http://school', token: 'fixed', fetch });
    await expect(api.call('get-student-profile')).rejects.toMatchObject({ status: 401 });
    expect(asked).toEqual(['once']);
  });
});

describe('a token that never comes', () => {
  it('does not keep a call from being ended, and nothing is sent', async () => {
    const fetch = vi.fn();
    const api = createApiClient({ url: 'http://school', token: () => new Promise(() => undefined), fetch });
    const { signal, abort } = abortable();
    const call = api.call('get-student-profile', { signal });
    abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await expect(api.call('get-student-profile', { signal })).rejects.toThrow('enough');
    expect(fetch).not.toHaveBeenCalled();
  });

  it('in place of a refused one does not either', async () => {
    const token = (refused?: string) =>
      refused === undefined ? 'old' : new Promise<string>(() => undefined);
    const fetch = vi.fn(async () => new Response('{}', { status: 401 }));
    const api = createApiClient({ url: 'http://school', token, fetch });
    const { signal, abort } = abortable();
    const call = api.call('get-student-profile', { signal });
    await expect.poll(() => fetch.mock.calls.length).toBeGreaterThan(0);
    abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('does not make a refused one forgotten, where it fails', async () => {
    const source = vi.fn((_refused?: string) => 'old');
    const token = keepToken(source);
    await token.ask();
    token.refused();
    source.mockImplementationOnce(() => {
      throw new Error('the issuer is down');
    });
    await expect(token.ask()).rejects.toThrow('down');
    await token.ask();
    await token.ask();
    expect(source.mock.calls).toEqual([[undefined], ['old'], ['old'], [undefined]]);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error) => controller.abort(reason) };
}
