import { describe, expect, it } from 'vitest';
import { startSubscribers } from './subscribers.ts';

describe('what waits for the subscribers', () => {
  it('is told when their process ends, and so is who asks after that', async () => {
    const subscribers = startSubscribers();
    // Nobody is there, so that none of them is ever ready.
    const listening = subscribers.listen([{ id: 1, url: 'http://127.0.0.1:1/graphql', token: 't' }]);
    const told = expect(listening).rejects.toThrow('the subscribers ended: SIGTERM');
    subscribers.stop();
    await told;
    await expect(subscribers.report()).rejects.toThrow('ended');
  });
});
