/** Names that people and the other stages of an account see. */
export interface Names {
  /** A table's name: `courses`, or `dev-courses` in stage dev. */
  table(table: string): string;
  /** The name of anything else: `lockstep-get-course`, or `lockstep-dev-get-course`. */
  of(noun: string): string;
  /** Of the metrics that the school has of itself. */
  readonly metrics: string;
}

export function namesFor(stage: string | undefined): Names {
  return {
    table: (table) => (stage === undefined ? table : `${stage}-${table}`),
    of: (noun) => (stage === undefined ? `lockstep-${noun}` : `lockstep-${stage}-${noun}`),
    metrics: stage === undefined ? 'Lockstep' : `Lockstep/${stage}`,
  };
}

/** The construct id for a function's or an alarm's name: `GetCourse` for `get-course`. Logical ids begin with it. */
export function constructId(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
