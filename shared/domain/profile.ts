import type { UserId } from './ids.ts';
import { nextStamp, type Cause } from './stamp.ts';
import type { StudentState } from './states.ts';

/** Characters of a name, as in a profile that is changed. */
const LONGEST_NAME = 100;
/** Characters of a key: in bytes, the sort key of an index has a limit of 1024. */
const LONGEST_KEY = 100;
const PREFIX_LENGTH = 2;

/** What a search starts from: the key, and the part of the index that it is in. */
export interface SearchKey {
  readonly prefix: string;
  readonly key: string;
}

/**
 * A name, an address or the beginning of one as a search compares them: without accents, in lower case, with single
 * spaces. Undefined where nothing is left to compare.
 */
export function searchKey(text: string): SearchKey | undefined {
  // Taken apart before the case is lowered: the letters of ligatures and the dot of a Turkish capital I come off then.
  const letters = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ς', 'σ');
  const key = firstOf(letters.replace(/\s+/gu, ' ').trim(), LONGEST_KEY);
  return key === '' ? undefined : { prefix: firstOf(key, PREFIX_LENGTH), key };
}

/** Whether a beginning is long enough to say which part of an index to search. */
export function searchable({ prefix }: SearchKey): boolean {
  return [...prefix].length === PREFIX_LENGTH;
}

/** Whole characters: half of one cannot be stored. */
function firstOf(text: string, length: number): string {
  return [...text].slice(0, length).join('');
}

/** The row with this name and address, and the index attributes that go with them. */
export function called(
  student: StudentState,
  { name, email }: Pick<StudentState, 'name' | 'email'>,
): StudentState {
  const { namePrefix: _p, nameKey: _k, emailPrefix: _q, emailKey: _l, ...rest } = student;
  const byName = name === undefined ? undefined : searchKey(name);
  const byEmail = email === undefined ? undefined : searchKey(email);
  return {
    ...rest,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(byName === undefined ? {} : { namePrefix: byName.prefix, nameKey: byName.key }),
    ...(byEmail === undefined ? {} : { emailPrefix: byEmail.prefix, emailKey: byEmail.key }),
  };
}

/** The first row of somebody who has never been enrolled; the first enrollment would have made one. */
export function newcomer(userId: UserId, now: string, cause: Cause): StudentState {
  return { userId, joinedAt: now, newcomerSince: now.slice(0, 10), ...nextStamp(undefined, now, cause) };
}

/**
 * The row of a person who has signed up. A row that is there gets what it lacks, and nothing that it says is
 * overwritten. Undefined where nothing changes.
 */
export function register(given: {
  readonly userId: UserId;
  readonly student: StudentState | undefined;
  /** As the person typed it. */
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): StudentState | undefined {
  const { userId, student, now, cause } = given;
  const name = student?.name ?? typed(firstOf(given.name?.trim() ?? '', LONGEST_NAME));
  const email = student?.email ?? typed(given.email);
  if (student === undefined) return called(newcomer(userId, now, cause), { name, email });
  if (name === student.name && email === student.email) return undefined;
  return { ...called(student, { name, email }), ...nextStamp(student, now, cause) };
}

/** Without the spaces around it; undefined where nothing is left. */
function typed(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** The row of a person who wants to be called otherwise; the first one, where there is none. Undefined if no change. */
export function changeProfile(given: {
  readonly userId: UserId;
  readonly student: StudentState | undefined;
  readonly name: string;
  readonly now: string;
  readonly cause: Cause;
}): StudentState | undefined {
  const { userId, student, name, now, cause } = given;
  if (student === undefined) return called(newcomer(userId, now, cause), { name });
  if (student.name === name) return undefined;
  return { ...called(student, { name, email: student.email }), ...nextStamp(student, now, cause) };
}
