import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';
import jsqr from 'jsqr';
import { createCertificatePrinter } from '../../shared/print/certificate-pdf.ts';

/** Where the font of certificates is. */
export const certificateFont = createRequire(import.meta.url).resolve(
  '@expo-google-fonts/eb-garamond/400Regular/EBGaramond_400Regular.ttf',
);

export const certificatePrinter = createCertificatePrinter(readFileSync(certificateFont));

/** What a reader of a PDF of one font sees. */
export interface ReadPdf {
  /** The lines in the order in which they are drawn. */
  readonly lines: readonly string[];
  /** What its QR code says; undefined when it cannot be read. */
  readonly qr: string | undefined;
}

/** Reads the PDFs that pdfkit makes; no other PDFs. */
export function readPdf(bytes: Uint8Array): ReadPdf {
  const streams = streamsOf(Buffer.from(bytes));
  const letters = streams.flatMap((stream) => lettersIn(stream));
  const content = streams.find((stream) => stream.includes(' TJ')) ?? '';
  return { lines: linesIn(content, letters), qr: qrIn(content) };
}

function streamsOf(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  return [...text.matchAll(/stream\r?\n([\s\S]*?)\nendstream/g)].map(({ 1: raw = '' }) => {
    const stream = Buffer.from(raw, 'latin1');
    return (stream[0] === 0x78 ? inflateSync(stream) : stream).toString('latin1');
  });
}

/** The letters of each glyph by its number. */
function lettersIn(stream: string): string[] {
  const ranges = [...stream.matchAll(/<[\da-f]{4}> <[\da-f]{4}> \[(.*?)\]/g)];
  return ranges.flatMap(({ 1: list = '' }) =>
    [...list.matchAll(/<(.*?)>/g)].map(({ 1: codes = '' }) =>
      String.fromCharCode(...codes.split(' ').map((code) => Number.parseInt(code, 16))),
    ),
  );
}

function linesIn(content: string, letters: readonly string[]): string[] {
  return [...content.matchAll(/\[(.*)\] TJ/g)].map(({ 1: shown = '' }) =>
    [...shown.matchAll(/<(.*?)>/g)]
      .flatMap(({ 1: glyphs = '' }) => glyphs.match(/.{4}/g) ?? [])
      .map((glyph) => letters[Number.parseInt(glyph, 16)])
      .join(''),
  );
}

/** Bars are thinner than anything else that is drawn as a rectangle. */
const THICKEST_BAR = 5;
const PIXELS = 4;
const QUIET = 4;

function qrIn(content: string): string | undefined {
  const bars = [...content.matchAll(/^(\S+) (\S+) (\S+) (\S+) re$/gm)]
    .map(([, ...numbers]) => numbers.map(Number) as [number, number, number, number])
    .filter(([, , , height]) => height < THICKEST_BAR);
  const module = bars[0]?.[3] ?? 1;
  const left = Math.min(...bars.map(([x]) => x));
  const top = Math.min(...bars.map(([, y]) => y));
  const size = Math.round((Math.max(...bars.map(([, y]) => y)) - top) / module) + 1;
  const side = (size + 2 * QUIET) * PIXELS;
  const image = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [x, y, width] of bars) {
    const [column, row] = [(x - left) / module, (y - top) / module].map((at) => Math.round(at) + QUIET);
    for (let down = 0; down < PIXELS; down += 1) {
      const start = ((row ?? 0) * PIXELS + down) * side + (column ?? 0) * PIXELS;
      const pixels = Math.round(width / module) * PIXELS;
      for (let at = start; at < start + pixels; at += 1) image.fill(0, at * 4, at * 4 + 3);
    }
  }
  // It is CommonJS, whose default export tsx and vitest find in different places.
  const read = 'default' in jsqr ? (jsqr as unknown as { default: typeof jsqr }).default : jsqr;
  return read(image, side, side)?.data;
}
