import { create } from 'fontkit';

/** What a font can write. */
export interface Lettering {
  /** The text on one line, composed, without what only steers how it is written where the font knows nothing of it. */
  readonly written: (text: string) => string;
  /** Whether the font has every letter. What it lacks is printed as an empty box. */
  readonly hasAll: (text: string) => boolean;
}

/** Signs that are not seen: joiners, selectors, marks of direction. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;

/**
 * @param font the bytes of a TrueType font
 * @throws Error when they are none
 */
export function letteringOf(font: Uint8Array): Lettering {
  const known = create(Buffer.from(font));
  if (!('hasGlyphForCodePoint' in known)) throw new Error('A collection of fonts is no font');
  const has = (letter: string) => known.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0);
  return {
    written: (text) =>
      [...text.normalize('NFC').replace(/[\p{Cc}\p{White_Space}]+/gu, ' ')]
        .filter((letter) => has(letter) || !UNSEEN.test(letter))
        .join('')
        .trim(),
    hasAll: (text) => [...text].every(has),
  };
}
