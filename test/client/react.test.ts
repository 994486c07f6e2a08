import { act, createElement, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { describe, expect, it, vi } from 'vitest';
import { useView } from '../../shared/client/react.ts';
import type { SyncClient } from '../../shared/client/sync-client.ts';
import { viewSource } from '../../shared/client/view-source.ts';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import type { WatchTarget } from '../../shared/client/watched-views.ts';
import { useRendering } from '../support/rendering.ts';

/** A client that watches nothing, and tells what a test wants. */
function fakeClient() {
  const watches: { target: any; tell: (update: any) => void; stopped: boolean }[] = [];
  const client = {
    watch(target: any, tell: any) {
      const watch = { target, tell, stopped: false };
      watches.push(watch);
      return () => {
        watch.stopped = true;
      };
    },
    close: () => undefined,
  } as SyncClient;
  return { client, watches };
}

const update = (name: string) => ({ view: 'StudentProfile', data: { name } }) as ViewUpdate<'StudentProfile'>;
const profile: WatchTarget<'StudentProfile'> = { view: 'StudentProfile' };

describe('A view as an external store', () => {
  it('is watched once while anybody listens, and no longer', () => {
    const { client, watches } = fakeClient();
    const source = viewSource(client, profile);
    expect(watches).toHaveLength(0);
    const listener = vi.fn();
    const stops = [source.subscribe(listener), source.subscribe(listener)];
    watches[0]!.tell(update('Ada'));
    expect(listener).toHaveBeenCalledTimes(2);
    expect(source.current()?.data.name).toBe('Ada');
    stops[0]!();
    stops[0]!();
    expect(watches[0]!.stopped).toBe(false);
    stops[1]!();
    expect(watches.map(({ stopped }) => stopped)).toEqual([true]);
    source.subscribe(listener)();
    expect(watches).toHaveLength(2);
  });

  it('shows nothing without a client', () => {
    const source = viewSource(undefined, profile);
    source.subscribe(() => undefined)();
    expect(source.current()).toBeUndefined();
  });
});

describe('The hook', () => {
  const newPlace = useRendering();

  function mount(first: SyncClient | undefined, target: WatchTarget<'StudentCourseDetail'>) {
    const shown: unknown[] = [];
    function Page(props: {
      client: SyncClient | undefined;
      target: WatchTarget<'StudentCourseDetail'>;
    }): ReactNode {
      shown.push(useView(props.client, props.target)?.data.title);
      return null;
    }
    const root = createRoot(newPlace());
    const render = (client: SyncClient | undefined, next: WatchTarget<'StudentCourseDetail'>) =>
      act(() => root.render(createElement(Page, { client, target: next })));
    render(first, target);
    return { shown, render, unmount: () => act(() => root.unmount()) };
  }

  const detail = (courseId: string): WatchTarget<'StudentCourseDetail'> => ({
    view: 'StudentCourseDetail',
    params: { courseId },
  });
  const titled = (title: string) => ({ view: 'StudentCourseDetail', data: { title } });

  it('gives the last update, and stops when the component goes', () => {
    const { client, watches } = fakeClient();
    const page = mount(client, detail('heart'));
    act(() => watches[0]!.tell(titled('The heart')));
    act(() => watches[0]!.tell(titled('The whole heart')));
    expect(page.shown).toEqual([undefined, 'The heart', 'The whole heart']);
    page.unmount();
    expect(watches.map(({ stopped }) => stopped)).toEqual([true]);
  });

  it('goes on watching what is asked for in the same words', () => {
    const { client, watches } = fakeClient();
    const page = mount(client, detail('heart'));
    page.render(client, detail('heart'));
    expect(watches).toHaveLength(1);
    page.unmount();
  });

  it('watches something else, or by somebody else, when that is asked for', () => {
    const { client, watches } = fakeClient();
    const other = fakeClient();
    const page = mount(client, detail('heart'));
    act(() => watches[0]!.tell(titled('The heart')));
    page.render(client, detail('lung'));
    expect(watches.map(({ stopped }) => stopped)).toEqual([true, false]);
    page.render(other.client, detail('lung'));
    expect(watches.map(({ stopped }) => stopped)).toEqual([true, true]);
    expect(page.shown.at(-1)).toBeUndefined();
    page.unmount();
  });

  it('gives nothing while there is no client', () => {
    const { client, watches } = fakeClient();
    const page = mount(undefined, detail('heart'));
    expect(page.shown).toEqual([undefined]);
    page.render(client, detail('heart'));
    expect(watches).toHaveLength(1);
    page.unmount();
  });
});
