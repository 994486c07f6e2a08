/** Tells the present moment; given to whatever needs it, so that tests say what time it is. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
