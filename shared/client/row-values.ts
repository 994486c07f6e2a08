import type { RowValues } from '../contracts/publish.ts';

/** Readers of what an event tells of a row: undefined where it does not tell, or something that makes no sense. */

type Value = RowValues[string] | undefined;

export function text(value: Value): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function number(value: Value): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function numberOrNull(value: Value): number | null | undefined {
  return value === null ? null : number(value);
}

/** A part of a row told under `<group>.<id>.<field>`: its fields by id. */
export function partsOf(values: RowValues, group: string): [id: string, fields: RowValues][] {
  const parts = new Map<string, RowValues>();
  for (const [name, value] of Object.entries(values)) {
    // An id may have dots of its own, but the field has none.
    const end = name.lastIndexOf('.');
    if (!name.startsWith(`${group}.`) || end <= group.length) continue;
    const id = name.slice(group.length + 1, end);
    parts.set(id, { ...parts.get(id), [name.slice(end + 1)]: value });
  }
  return [...parts];
}
