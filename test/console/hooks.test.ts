import { act, createElement, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { describe, expect, it } from 'vitest';
import { createActions } from '../../console/src/actions.ts';
import { type Deed, useDeed } from '../../console/src/controls/use-deed.ts';
import { useReply } from '../../console/src/operate/use-reply.ts';
import { useFirst } from '../../console/src/use-first.ts';
import { useRendering } from '../support/rendering.ts';

const newPlace = useRendering();

/** Renders a hook, again and again with other arguments, and gives what it last gave. */
function mounted<Given, Result>(hook: (given: Given) => Result, first: NoInfer<Given>) {
  let last: Result | undefined;
  function Page({ given }: { readonly given: Given }): ReactNode {
    last = hook(given);
    return null;
  }
  const root = createRoot(newPlace());
  const render = (given: Given) => act(async () => root.render(createElement(Page, { given })));
  return { first: render(first), render, last: () => last! };
}

describe('A choice that nobody made', () => {
  it('is the first there was, however the list changes', async () => {
    const { first, render, last } = mounted(useFirst<string>, undefined as string | undefined);
    await first;
    expect(last()).toBeUndefined();
    await render('ada');
    expect(last()).toBe('ada');
    await render('abe');
    expect(last()).toBe('ada');
  });
});

describe('What is done to one of several', () => {
  it('fails for that one only', async () => {
    const actions = createActions();
    const run = () => Promise.reject<{ requestId?: string }>(new Error('no'));
    const deed = (of: string) => ({ actions, names: 'Enroll', run, of });
    const { first, render, last } = mounted((given: Deed) => useDeed(given), deed('ada'));
    await first;
    await act(() => last().start());
    expect(last()).toMatchObject({ error: new Error('no'), busy: false });
    await render(deed('ben'));
    expect(last().error).toBeUndefined();
    await render(deed('ada'));
    expect(last().error).toEqual(new Error('no'));
  });
});

describe('What is asked for under one name', () => {
  it('stays while it is asked for in another way', async () => {
    let answer = (_minutes: number): void => undefined;
    const asked: number[] = [];
    const { first, render, last } = mounted(
      (minutes: number) =>
        useReply('health', () => {
          asked.push(minutes);
          return new Promise<number>((resolve) => (answer = resolve));
        }),
      60,
    );
    await first;
    await act(async () => answer(60));
    expect(last().data).toBe(60);
    await render(180);
    await act(async () => last().again());
    expect(asked).toEqual([60, 180]);
    expect(last()).toMatchObject({ data: 60, busy: true });
    await act(async () => answer(180));
    expect(last()).toMatchObject({ data: 180, busy: false });
  });
});
