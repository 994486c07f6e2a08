import { create } from 'fontkit';

/** What a font can write. */
export interface Lettering {
  /** Whether it has every letter. What it lacks is printed as an empty box. */
  readonly hasAll: (text: string) => boolean;
}

/**
 * @param font the bytes of a TrueType font
 * @throws Error when they are none
 */
export function letteringOf(font: Uint8Array): Lettering {
  const known = create(Buffer.from(font));
  if (!('hasGlyphForCodePoint' in known)) throw new Error('A collection of fonts is no font');
  return {
    hasAll: (text) => [...text].every((letter) => known.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0)),
  };
}

/** A text on one line, composed, and without what is not seen: joiners, selectors, marks of direction. */
export function onOneLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[\p{Cc}\p{White_Space}]+/gu, ' ')
    .trim();
}
