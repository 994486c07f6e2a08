import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { QbankMeetingRow, QbankTestRow } from '../contracts/qbank-rows.ts';
import { CourseId, QuestionId, TestId, UserId } from '../contracts/fields.ts';
import { LedgerRow } from '../contracts/rows.ts';
import { answerSource, testSource } from '../domain/qbank-contribution.ts';
import { cursorAfter, decodeCursor, encodeCursor } from './cursor.ts';
import type { Documents } from './documents.ts';
import { INDEXES, type Named, ofCourse, questionMet } from './keys.ts';
import { queryRows } from './pages.ts';
import { parseRow, readRows } from './reads.ts';
import { ledgerRow } from './rows.ts';

type Tables = Named<'ledger' | 'qbankTests' | 'qbankMeetings'>;

interface Asked {
  /** `scope|part`. */
  readonly aggregate: string;
  readonly limit: number;
  readonly cursor: string | undefined;
}

interface LedgerPage {
  readonly rows: readonly LedgerRow[];
  readonly cursor?: string;
}

/**
 * A page of the ledger rows that may add to an aggregate. What concerns one student or one question is found by the
 * keys of the tables it comes from: at most `limit` students or tests a page. Of a course or the school much of the
 * ledger is, and its rows are looked through: an index by aggregate would cost a write for each of the two to four
 * aggregates of every event, for what is asked a few times a year.
 *
 * Requests: for a student, Query qbankTests and BatchGet of ledger rows; for a question, Query qbankMeetings/byQuestion,
 * BatchGet of the meetings, and one or two BatchGets of ledger rows; otherwise one to three Scans of the ledger.
 */
export function ledgerPage(documents: Documents, tables: Tables, asked: Asked): Promise<LedgerPage> {
  const student = OF_STUDENT.safeParse(OF_STUDENT_TEXT.exec(asked.aggregate)?.groups);
  if (student.success) return ofStudent(documents, tables, student.data, asked);
  const question = OF_QUESTION.safeParse(OF_QUESTION_TEXT.exec(asked.aggregate)?.groups);
  if (question.success) return ofQuestion(documents, tables, question.data, asked);
  return ofAnything(documents, tables, asked);
}

const OF_STUDENT_TEXT = /^student#(?<userId>[^#|]+)\|qbank#(?<courseId>[^#|]+)$/;
const OF_STUDENT = z.object({ userId: UserId, courseId: CourseId });
const OF_QUESTION_TEXT =
  /^bank#(?<courseId>[^#|]+)\|question#(?<questionId>[^#|]+)#(?<questionVersion>\d{6})$/;
const OF_QUESTION = z.object({
  courseId: CourseId,
  questionId: QuestionId,
  questionVersion: z.coerce.number().int(),
});

async function ofStudent(
  documents: Documents,
  tables: Tables,
  { userId, courseId }: z.infer<typeof OF_STUDENT>,
  { limit, cursor }: Asked,
): Promise<LedgerPage> {
  const after = decodeCursor(cursor, z.strictObject({ testId: TestId }));
  const page = await queryRows(documents, {
    table: tables.qbankTests,
    schema: QbankTestRow,
    partition: ['userId', userId],
    sort: { attribute: 'test', beginsWith: ofCourse(courseId) },
    limit,
    start: after && { userId, test: `${ofCourse(courseId)}${after.testId}` },
  });
  return {
    rows: await named(documents, tables, page.rows.map(testSource)),
    ...cursorAfter(page, ({ testId }) => ({ testId })),
  };
}

/** Only the first answer of each student counts, and the blank beside it; a meeting says in which test it was. */
async function ofQuestion(
  documents: Documents,
  tables: Tables,
  { courseId, questionId, questionVersion }: z.infer<typeof OF_QUESTION>,
  { limit, cursor }: Asked,
): Promise<LedgerPage> {
  const question = questionMet(courseId, questionId);
  const after = decodeCursor(cursor, z.strictObject({ userId: UserId }));
  const page = await queryRows(documents, {
    table: tables.qbankMeetings,
    index: INDEXES.meetingsByQuestion,
    schema: Met,
    partition: ['question', question],
    limit,
    start: after && { question, userId: after.userId, meeting: question },
  });
  const meetings = await readRows(
    documents,
    page.rows.map(({ userId, meeting }) => ({
      table: tables.qbankMeetings,
      key: { userId, meeting },
      schema: QbankMeetingRow,
    })),
  );
  const sources = meetings.flatMap((meeting) => {
    const testId = meeting?.versions[questionVersion]?.firstIn;
    if (meeting === undefined || testId === undefined) return [];
    const test = { userId: meeting.userId, courseId, testId };
    return [answerSource({ ...test, questionId }), testSource(test)];
  });
  return {
    rows: await named(documents, tables, sources),
    ...cursorAfter(page, ({ userId }) => ({ userId })),
  };
}

const Met = z.looseObject({ userId: UserId, meeting: z.string() });

async function named(
  documents: Documents,
  tables: Tables,
  sources: readonly string[],
): Promise<readonly LedgerRow[]> {
  const rows = await readRows(
    documents,
    sources.map((source) => ledgerRow(tables, source)),
  );
  return rows.filter((row) => row !== undefined);
}

/** Rows looked at, one Scan after the other until the page is full: few where all count, many where few do. */
const LOOKED_AT = [100, 1_000, 2_500];

const AfterSource = z.strictObject({ userId: z.string().min(1), source: z.string().min(1) });

async function ofAnything(
  documents: Documents,
  { ledger }: Tables,
  { aggregate, limit, cursor }: Asked,
): Promise<LedgerPage> {
  const rows: LedgerRow[] = [];
  let after = decodeCursor(cursor, AfterSource);
  for (const most of LOOKED_AT) {
    const reply = await documents.send(
      new ScanCommand({
        TableName: ledger,
        Limit: Math.max(most, limit),
        FilterExpression: 'attribute_exists(#contribution.#aggregate)',
        ExpressionAttributeNames: { '#contribution': 'contribution', '#aggregate': aggregate },
        ...(after !== undefined && { ExclusiveStartKey: after }),
      }),
    );
    rows.push(...(reply.Items ?? []).map((item) => parseRow(ledger, LedgerRow, item)));
    const last = rows[limit - 1];
    // Any key will do to go on behind, so a page ends where it is full.
    if (last !== undefined && rows.length > limit) {
      return {
        rows: rows.slice(0, limit),
        cursor: encodeCursor({ userId: last.userId, source: last.source }),
      };
    }
    if (reply.LastEvaluatedKey === undefined) return { rows };
    after = AfterSource.parse(reply.LastEvaluatedKey);
    if (rows.length === limit) break;
  }
  return { rows, ...(after !== undefined && { cursor: encodeCursor(after) }) };
}
