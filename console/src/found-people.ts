/** Somebody to choose, by what the box shows of them. */
interface Choice {
  readonly value: string;
  readonly label: string;
}

/** What the server found to what was typed. */
export interface Found {
  readonly search: string;
  readonly userIds: readonly string[];
}

/**
 * Those to choose from: who is called as is typed, and who was found by the server, which looks at addresses too. What
 * was found to fewer letters is not among them.
 */
export function choicesFor<One extends Choice>(typed: string, all: readonly One[], found: Found): One[] {
  const letters = typed.trim().toLowerCase();
  const byServer = new Set(found.search.toLowerCase() === letters ? found.userIds : []);
  return all.filter(({ value, label }) => label.toLowerCase().includes(letters) || byServer.has(value));
}
