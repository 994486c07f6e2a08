import type { Consistency } from '../consistency/check-consistency.ts';
import type { School } from '../school.ts';

/** What a replay amounts to. */
export interface Told {
  /** What `--json` writes. */
  readonly json: object;
  /** Figures by the name of what they are of, for the screen. */
  readonly table: Readonly<Record<string, object>>;
  /** What else there is to say. */
  readonly lines: readonly string[];
}

/** Something that can be sent through the API of a school. */
export interface Replay {
  /** How many steps it has, and what a step is, in the plural. */
  readonly steps: number;
  readonly unit: string;
  /** Sends it, at most `atOnce` calls together, and resolves when the streams are quiet. */
  run(school: School, options: { readonly atOnce: number; readonly onStep: () => void }): Promise<void>;
  /** Reads the figures back, by the API only. `seconds` is what `run` took. */
  tell(school: School, ran: { readonly seconds: number; readonly consistency: Consistency }): Promise<Told>;
}

/** For the screen: null is nothing. */
export function fixed(value: number | null | undefined, digits: number): string | undefined {
  return value?.toFixed(digits);
}
