import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { certificateCode, issueCertificate } from '../../shared/domain/certificate.ts';
import * as build from '../domain/builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { readPdf } from '../support/pdf.ts';
import { putRows } from './http-rows.ts';
import { failFirst, type HttpSchool, httpSchool, refusal, sent } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
const CODE = certificateCode(Uint8Array.from({ length: 26 }, (_, index) => index * 9));
const other = '0'.repeat(26);

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  const { certificate } = issueCertificate({
    progress: { ...build.progress(), completedAt: build.at(5) },
    studentName: 'Nguyễn Ánh',
    courseTitle: 'Anatomy',
    code: CODE,
    now: build.at(60),
  });
  await putRows(school.db, 'certificates', [{ ...certificate, certificate: 'c1#completion' }]);
});

const verify = (code: string) => school.student('stranger').call('verify-certificate', { params: { code } });
const pdf = (code: string, headers: Record<string, string> = {}) =>
  school.send({ method: 'GET', path: `/certificates/${code}/pdf`, headers });

describe('checking a certificate', () => {
  it('tells anyone with the code what it says, and no ids', async () => {
    const { status, json } = await school.send({ method: 'GET', path: `/certificates/${CODE}` });
    expect(status).toBe(200);
    expect(json).toEqual({
      code: CODE,
      studentName: 'Nguyễn Ánh',
      courseTitle: 'Anatomy',
      completedAt: build.at(5),
      issuedAt: build.at(60),
    });
    expect(sent(school.db)).toEqual(['Query', 'GetItem']);
  });

  it('takes the code as people type it', async () => {
    const typed = CODE.toLowerCase()
      .replace(/(.{5})/g, '$1 ')
      .replace(' ', '-');
    expect((await verify(typed)).body.code).toBe(CODE);
  });

  it.each(['Query', 'GetItem'])('reads again when the database has no capacity: %s', async (request) => {
    failFirst(school.db, request, { kind: 'throttled' });
    expect((await verify(CODE)).body.code).toBe(CODE);
    expect(sent(school.db).filter((name) => name === request).length).toBeGreaterThan(1);
  });

  it('is refused as busy when there is none for long', async () => {
    school.db.faults.plan(() => ({ kind: 'throttled' }));
    expect(await refusal(verify(CODE))).toBe('busy');
  });

  it('does not know a code that was never given', async () => {
    expect(await refusal(verify(other))).toBe('certificate_unknown');
  });

  it.each(['short', `${CODE}0`, CODE.replace(/^./, 'U'), 'x%2Fy', 'a'.repeat(61)])(
    'refuses %j without asking the database',
    async (code) => {
      const { status } = await school.send({ method: 'GET', path: `/certificates/${code}` });
      expect(status).toBe(400);
      expect(sent(school.db)).toEqual([]);
    },
  );
});

describe('printing a certificate', () => {
  it('makes a PDF that says what the certificate says, under a name of its own', async () => {
    const { status, headers, file } = await pdf(CODE);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `inline; filename="certificate-${CODE}.pdf"`,
      etag: expect.stringMatching(/^".+"$/),
    });
    const { lines } = readPdf(file!);
    expect(lines).toEqual(expect.arrayContaining(['Nguyễn Ánh', 'Anatomy', '22 November 2026']));
    expect(sent(school.db)).toEqual(['Query', 'GetItem']);
  });

  it('has a QR code of the address that verifies it, in the one spelling of the code', async () => {
    const { file } = await pdf(CODE.toLowerCase());
    expect(readPdf(file!).qr).toBe(`https://school.test/certificates/${CODE}`);
  });

  it('is not sent again to who has it', async () => {
    const { headers } = await pdf(CODE);
    const again = await pdf(CODE, { 'if-none-match': headers['etag']! });
    expect([again.status, again.file]).toEqual([304, undefined]);
    expect(again.headers).not.toHaveProperty('content-type');
  });

  it('refuses as problem+json what is no certificate', async () => {
    for (const [code, status] of [
      [other, 404],
      ['short', 400],
    ] as const) {
      const reply = await pdf(code);
      expect(reply.status).toBe(status);
      expect(reply.headers['content-type']).toBe('application/problem+json');
    }
  });
});
