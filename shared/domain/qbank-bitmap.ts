/**
 * A set of ordinals as bits in base 64, lowest first. Without zero bytes at the end, so that equal sets are equal
 * texts and the empty set is the empty text.
 */
export type Bitmap = string;

function bytesOf(bitmap: Bitmap): Uint8Array {
  return Uint8Array.from(atob(bitmap), (character) => character.charCodeAt(0));
}

function bitmapOf(bytes: Uint8Array): Bitmap {
  const length = bytes.findLastIndex((byte) => byte !== 0) + 1;
  return btoa(String.fromCharCode(...bytes.subarray(0, length)));
}

/** The set with these ordinals. */
export function bitmapWith(ordinals: Iterable<number>): Bitmap {
  const all = [...ordinals];
  const bytes = new Uint8Array(all.reduce((length, ordinal) => Math.max(length, (ordinal >> 3) + 1), 0));
  for (const ordinal of all) bytes[ordinal >> 3] = (bytes[ordinal >> 3] ?? 0) | (1 << (ordinal & 7));
  return bitmapOf(bytes);
}

/** What is in one or the other: commutative, associative and idempotent, and the empty text changes nothing. */
export function mergeBitmaps(one: Bitmap, other: Bitmap): Bitmap {
  const [left, right] = [bytesOf(one), bytesOf(other)];
  const merged = new Uint8Array(Math.max(left.length, right.length));
  merged.forEach((_, index) => {
    merged[index] = (left[index] ?? 0) | (right[index] ?? 0);
  });
  return bitmapOf(merged);
}

/** The ordinals in the set, in order. */
export function ordinalsOf(bitmap: Bitmap): number[] {
  return [...bytesOf(bitmap)].flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte & (1 << bit)) !== 0).map((bit) => index * 8 + bit),
  );
}

/** How many ordinals the set has. */
export function countBits(bitmap: Bitmap): number {
  let count = 0;
  for (const byte of bytesOf(bitmap)) for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}

/** How much of an outline's item of kind qbank is done, 0 to 1: the share of the questions it asks for. */
export function bankCompletion(answered: Bitmap, questions: number): number {
  return questions <= 0 ? 1 : Math.min(1, countBits(answered) / questions);
}
