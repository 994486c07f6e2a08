import PDFDocument from 'pdfkit';
import { letteringOf, onOneLine } from './lettering.ts';
import { qrCode } from './qr-code.ts';

/** What stands on a printed certificate. */
export interface CertificateSheet {
  readonly code: string;
  readonly studentName: string;
  readonly courseTitle: string;
  /** ISO 8601. */
  readonly completedAt: string;
  readonly issuedAt: string;
  /** The address that verifies it: printed, and the content of the QR code. */
  readonly address: string;
}

/** Makes the PDF of a certificate. The same sheet gives the same bytes. */
export type CertificatePrinter = (sheet: CertificateSheet) => Promise<Uint8Array>;

type Document = InstanceType<typeof PDFDocument>;

// A4 landscape, in points.
const WIDTH = 841.89;
const HEIGHT = 595.28;
const MARGIN = 90;
const MEASURE = WIDTH - 2 * MARGIN;
const QR_SIDE = 92;

const INK = '#1d2a3a';
const FAINT = '#66707c';
const GOLD = '#b08d3f';

/**
 * A printer of certificates in one font. A name or title that is long is set smaller and on more lines; letters
 * that the font lacks are empty boxes, and the sheet then says where they are written out.
 *
 * @param font the bytes of a TrueType font
 */
export function createCertificatePrinter(font: Uint8Array): CertificatePrinter {
  const lettering = letteringOf(font);
  return async (sheet) => {
    const studentName = onOneLine(sheet.studentName);
    const courseTitle = onOneLine(sheet.courseTitle);
    const complete = lettering.hasAll(studentName + courseTitle);
    const document = new PDFDocument({
      size: 'A4',
      layout: 'landscape',
      margin: 0,
      // No default font: those of the library are files beside it, which a bundle has not.
      font: '',
      lang: 'en',
      displayTitle: true,
      info: {
        Title: `Certificate of ${studentName}: ${courseTitle}`,
        Author: 'Lockstep',
        Subject: sheet.code,
        // The library would note the moment of printing, and no two copies would be the same.
        CreationDate: new Date(sheet.issuedAt),
        ModDate: new Date(sheet.issuedAt),
      },
    });
    document.font(Buffer.from(font));
    drawFrame(document);
    drawStatement(document, studentName, courseTitle);
    drawProof(document, sheet, complete);
    document.end();
    const chunks: Buffer[] = [];
    for await (const chunk of document) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  };
}

function drawFrame(document: Document): void {
  const outer = 26;
  document.lineWidth(2.2).strokeColor(INK);
  document.rect(outer, outer, WIDTH - 2 * outer, HEIGHT - 2 * outer).stroke();
  const inner = 33;
  document.lineWidth(0.8).strokeColor(GOLD);
  document.rect(inner, inner, WIDTH - 2 * inner, HEIGHT - 2 * inner).stroke();
}

/** Who completed what. */
function drawStatement(document: Document, studentName: string, courseTitle: string): void {
  line(document, 'CERTIFICATE OF COMPLETION', { y: 78, size: 25, color: INK, spacing: 4.5 });
  document.lineWidth(0.8).strokeColor(GOLD);
  document
    .moveTo(WIDTH / 2 - 60, 123)
    .lineTo(WIDTH / 2 + 60, 123)
    .stroke();
  line(document, 'This certifies that', { y: 144, size: 15, color: FAINT });
  block(document, studentName, { top: 168, height: 92, largest: 44 });
  line(document, 'has completed the course', { y: 270, size: 15, color: FAINT });
  block(document, courseTitle, { top: 294, height: 92, largest: 29 });
}

/** When, and how anyone can check it. */
function drawProof(document: Document, sheet: CertificateSheet, complete: boolean): void {
  const top = 412;
  fact(document, 'Completed on', dayOf(sheet.completedAt), top);
  fact(document, 'Issued on', dayOf(sheet.issuedAt), top + 36);
  fact(document, 'Certificate', sheet.code.replace(/.{5}(?=.{5})/g, '$& '), top + 72);

  // The white around it is more than the four modules that readers need.
  const { size, bars } = qrCode(sheet.address);
  const module = QR_SIDE / size;
  const left = WIDTH - MARGIN - QR_SIDE;
  for (const { x, y, width } of bars) {
    document.rect(left + x * module, top + y * module, width * module, module);
  }
  document.fill('#000000');

  const note = complete ? '' : 'The name and the title are written out in full at this address. ';
  const hint = `${note}Anyone can check this certificate at`;
  line(document, hint, { y: 524, size: 9.5, color: FAINT });
  line(document, sheet.address, { y: 537, size: 9.5, color: INK, link: sheet.address });
}

interface LineStyle {
  readonly y: number;
  readonly size: number;
  readonly color: string;
  readonly spacing?: number;
  readonly link?: string;
}

/** One line in the middle, smaller where it would be too long. */
function line(document: Document, text: string, { y, size, color, spacing = 0, link }: LineStyle): void {
  const options = { characterSpacing: spacing, lineBreak: false };
  document.fontSize(size).fillColor(color);
  const longest = WIDTH - 2 * 45;
  const width = document.widthOfString(text, options);
  if (width > longest) document.fontSize((size * longest) / width);
  const fitted = document.widthOfString(text, options) - spacing;
  document.text(text, (WIDTH - fitted) / 2, y, { ...options, ...(link !== undefined && { link }) });
}

interface BlockStyle {
  readonly top: number;
  readonly height: number;
  readonly largest: number;
}

/** No text that the school takes has to be smaller. */
const SMALLEST = 8;

/** Text in the middle of a space, as large as fits: on one line where that does not make it small, else on more. */
function block(document: Document, text: string, { top, height, largest }: BlockStyle): void {
  const options = { width: MEASURE, align: 'center', lineGap: -2 } as const;
  document.fillColor(INK).fontSize(largest);
  const one = largest * Math.min(1, MEASURE / (document.widthOfString(text) + 1));
  let size = one >= largest / 1.6 ? one : largest / 1.3;
  document.fontSize(size);
  while (size > SMALLEST && document.heightOfString(text, options) > height) {
    size -= 0.5;
    document.fontSize(size);
  }
  const taken = document.heightOfString(text, options);
  document.text(text, MARGIN, top + (height - taken) / 2, options);
}

function fact(document: Document, label: string, value: string, y: number): void {
  const options = { lineBreak: false };
  document.fontSize(10).fillColor(FAINT).text(label, MARGIN, y, options);
  document
    .fontSize(14)
    .fillColor(INK)
    .text(value, MARGIN, y + 12, options);
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

function dayOf(timestamp: string): string {
  return DAY.format(new Date(timestamp));
}
