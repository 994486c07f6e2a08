import { describe, expect, it } from 'vitest';
import type { CertificateSheet } from '../../shared/print/certificate-pdf.ts';
import { certificatePrinter, readPdf } from '../support/pdf.ts';

function sheet(over: Partial<CertificateSheet> = {}): CertificateSheet {
  return {
    code: '7Q4XKM2N9PT3VWYZ0123456789',
    studentName: 'Ann Lee',
    courseTitle: 'Anatomy of the Heart',
    completedAt: '2026-11-22T23:59:59.000Z',
    issuedAt: '2026-11-23T00:00:01.000Z',
    address: 'https://api.example.org/certificates/7Q4XKM2N9PT3VWYZ0123456789',
    ...over,
  };
}

const printed = async (over: Partial<CertificateSheet> = {}) =>
  readPdf(await certificatePrinter(sheet(over)));

describe('a printed certificate', () => {
  it('says who completed what and when, its code, and where to check it', async () => {
    expect((await printed()).lines).toEqual([
      'CERTIFICATE OF COMPLETION',
      'This certifies that',
      'Ann Lee',
      'has completed the course',
      'Anatomy of the Heart',
      'Completed on',
      '22 November 2026',
      'Issued on',
      '23 November 2026',
      'Certificate',
      '7Q4XK M2N9P T3VWY Z0123 456789',
      'Anyone can check this certificate at',
      sheet().address,
    ]);
  });

  it.each([sheet().address, 'http://127.0.0.1:4000/certificates/7Q4XKM2N9PT3VWYZ0123456789'])(
    'has a QR code of %s',
    async (address) => {
      expect((await printed({ address })).qr).toBe(address);
    },
  );

  it('is a PDF, the same to the byte for the same certificate', async () => {
    const first = await certificatePrinter(sheet());
    expect(Buffer.from(first).toString('latin1', 0, 5)).toBe('%PDF-');
    expect(Buffer.compare(first, await certificatePrinter(sheet()))).toBe(0);
    expect(Buffer.compare(first, await certificatePrinter(sheet({ studentName: 'Bob' })))).not.toBe(0);
  });

  it('is one page of A4 across', async () => {
    const text = Buffer.from(await certificatePrinter(sheet())).toString('latin1');
    expect(text.match(/\/MediaBox \[0 0 841\.89 595\.28\]/g)).toHaveLength(1);
    expect(text).toContain('/Count 1');
  });

  it.each([
    'Nguyễn Thị Ánh Đặng',
    'Αθηνά Παπαδοπούλου',
    'Ольга Щербакова-Їжакевич',
    'Łukasz Żółć',
    'İpek Şahinoğlu',
    'Siobhán O’Flaherty',
  ])('writes %s as it is', async (studentName) => {
    const { lines } = await printed({ studentName });
    expect(lines[2]).toBe(studentName);
    expect(lines.join(' ')).not.toContain('written out');
  });

  it('composes letters, and takes line breaks and what is not seen out', async () => {
    const { lines } = await printed({
      studentName: ' Rene\u0301\nDes\u200bcartes\u0007 ',
      courseTitle: 'A\t\tB',
    });
    expect([lines[2], lines[4]]).toEqual(['René Descartes', 'A B']);
  });

  it.each([
    ['王小明', 'Anatomy'],
    ['Ann 👩‍🎓', 'Anatomy'],
    ['Ann', 'مقدمة'],
    ['Ann \ud83d', 'Anatomy'],
  ])('says where %s and %s are written out when the font lacks letters', async (studentName, courseTitle) => {
    const { lines } = await printed({ studentName, courseTitle });
    expect(lines).toContain(
      'The name and the title are written out in full at this address. Anyone can check this certificate at',
    );
  });

  it.each([
    ['words', 'Wilhelmina Maximiliana '.repeat(9)],
    ['one word', 'W'.repeat(200)],
    ['wide letters', 'Щ'.repeat(200)],
    ['many short words', 'i '.repeat(100)],
  ])('keeps the whole of a long name and title of %s, above the rest', async (_, text) => {
    const [studentName, courseTitle] = [text.slice(0, 100), text.slice(0, 200)];
    const { lines } = await printed({ studentName, courseTitle });
    const middle = lines.indexOf('has completed the course');
    const name = lines.slice(2, middle).join('');
    const title = lines.slice(middle + 1, lines.indexOf('Completed on')).join('');
    const bare = (written: string) => written.replaceAll(' ', '');
    expect([bare(name), bare(title)]).toEqual([bare(studentName), bare(courseTitle)]);
  });

  it('survives having nothing to write', async () => {
    expect((await printed({ studentName: '\u200b', courseTitle: '' })).lines).toContain('Completed on');
  });
});
