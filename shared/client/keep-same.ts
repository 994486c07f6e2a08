/**
 * `next`, JSON, with each part that is as it was in `shown` being that very part, and `shown` itself where nothing
 * differs: whoever compares by identity then shows again only what changed.
 */
export function keepSame<Value>(shown: unknown, next: Value): Value;
export function keepSame(shown: unknown, next: unknown): unknown {
  if (!isNested(shown) || !isNested(next) || Array.isArray(shown) !== Array.isArray(next)) return next;
  const known = new Map(Object.entries(shown));
  const kept = Object.entries(next).map(([key, value]) => [key, keepSame(known.get(key), value)] as const);
  const isSame = ([key, value]: (typeof kept)[number]): boolean => known.has(key) && known.get(key) === value;
  if (kept.length === known.size && kept.every(isSame)) return shown;
  return Array.isArray(next) ? kept.map(([, value]) => value) : Object.fromEntries(kept);
}

function isNested(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
