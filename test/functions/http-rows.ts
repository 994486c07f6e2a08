import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { EnrollmentRow, StudentProgressRow } from '../../shared/contracts/rows.ts';
import type { Table } from '../../shared/store/keys.ts';
import { expect } from 'vitest';
import type { Database } from '../support/database.ts';
import { sent } from './http-school.ts';

export const at = '2026-11-22T10:00:00.000Z';
export const stamp = { version: 1, updatedAt: at, causedBy: 'test', causedAt: at };

export async function putRows(db: Database, table: Table, rows: Record<string, unknown>[]): Promise<void> {
  for (let start = 0; start < rows.length; start += 25) {
    const requests = rows.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } }));
    await db.plain.send(new BatchWriteCommand({ RequestItems: { [db.tables[table]]: requests } }));
  }
}

export function courseRow(courseId: string, change: Record<string, unknown> = {}) {
  const basics = { title: `Course ${courseId}`, summary: '', status: 'published', access: 'open' };
  return { courseId, part: 'course', ...basics, outlineVersion: 0, ...stamp, ...change };
}

/** A course's question bank that has so many questions, none of which is there. */
export function bankRow(courseId: string, questions: number) {
  return { courseId, part: 'bank', questions, ...stamp };
}

export function enrollmentRow(userId: string, courseId: string, change: Partial<EnrollmentRow> = {}) {
  const basics = { status: 'active', source: 'direct', progress: 0, attempted: false, enrolledAt: at };
  return { userId, courseId, ...basics, ...stamp, ...change };
}

export function progressRow(userId: string, courseId: string, change: Partial<StudentProgressRow> = {}) {
  const facts = { completedChapters: {}, watchedVideos: {}, quizAttempts: {}, waivedItems: {} };
  const computed = {
    totalProgress: 0,
    completedItems: 0,
    requiredItems: 3,
    outlineVersion: 1,
    ruleVersion: 1,
  };
  return { userId, courseId, ...facts, ...computed, ...stamp, ...change };
}

/** Walks through the pages of a list, and checks that none takes more than three requests. */
export async function walk<Page extends { cursor?: string | undefined }>(
  db: Database,
  read: (cursor: { cursor?: string }) => Promise<{ body: Page }>,
): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | undefined;
  do {
    db.faults.clear();
    const { body } = await read(cursor === undefined ? {} : { cursor });
    expect(sent(db).length).toBeLessThanOrEqual(3);
    pages.push(body);
    cursor = body.cursor;
    expect(pages.length).toBeLessThan(100);
  } while (cursor !== undefined);
  return pages;
}

export const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => `c${String(index).padStart(3, '0')}`);
