import { encode } from 'uqr';

/** The dark squares of a QR code, as bars of one row: from column `x` in row `y`, `width` columns long. */
export interface QrCode {
  /** Rows and columns, without the white around. */
  readonly size: number;
  readonly bars: readonly { readonly x: number; readonly y: number; readonly width: number }[];
}

/** A QR code of which up to 15 % may be unreadable. Bars, not squares, so that no gaps show between them. */
export function qrCode(text: string): QrCode {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  const bars: { x: number; y: number; width: number }[] = [];
  for (const [y, row] of data.entries()) {
    let start: number | undefined;
    for (const [x, dark] of [...row, false].entries()) {
      if (dark) start ??= x;
      else if (start !== undefined) {
        bars.push({ x: start, y, width: x - start });
        start = undefined;
      }
    }
  }
  return { size, bars };
}
