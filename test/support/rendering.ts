import { afterAll, beforeAll, vi } from 'vitest';

const nowhere = { addEventListener: () => undefined, removeEventListener: () => undefined };

/**
 * Lets React render in a file of tests, and gives places for that: as much of a document as a component needs that
 * renders nothing.
 */
export function useRendering(): () => any {
  beforeAll(() => {
    vi.stubGlobal('window', { HTMLIFrameElement: class {} });
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });
  return () => {
    const place: any = { ...nowhere, nodeType: 1, nodeName: 'DIV', tagName: 'DIV', namespaceURI: '' };
    const defaultView = Reflect.get(globalThis, 'window');
    place.ownerDocument = { ...nowhere, nodeType: 9, documentElement: place, defaultView };
    return place;
  };
}
