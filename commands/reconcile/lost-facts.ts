import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as rows from '../../shared/contracts/rows.ts';
import type { Stamp } from '../../shared/domain/stamp.ts';
import { chanceOf } from './chance.ts';
import {
  attemptItem,
  attemptRow,
  chapterItem,
  completionRow,
  named,
  videoItem,
  videoRow,
  waiverItem,
  waiverRow,
} from './learner-rows.ts';
import { allRows, type Put } from './tables.ts';

/** New rows of sources, for learners who have none like that; nobody is to hear of `lost`. */
export async function lostFacts(
  documents: DynamoDBDocumentClient,
  { seed, rows: count }: { readonly seed: number; readonly rows: number },
): Promise<{ readonly lost: readonly Put[] }> {
  const chance = chanceOf(seed, 'lost');
  const [enrollments, chapters, videos, attempts, waivers] = await Promise.all([
    allRows(documents, 'enrollments', rows.EnrollmentRow),
    allRows(documents, 'chapterCompletions', rows.ChapterCompletionRow),
    allRows(documents, 'videoProgress', rows.VideoProgressRow),
    allRows(documents, 'quizAttempts', rows.QuizAttemptRow),
    allRows(documents, 'waivers', rows.WaiverRow),
  ]);
  const pair = (row: { readonly userId: string; readonly courseId: string }) =>
    `${row.userId}#${row.courseId}`;
  const [read, watched, waived] = [
    new Set(chapters.filter(({ chapterId }) => chapterId === 'read').map(pair)),
    new Set(videos.map(pair)),
    new Set(waivers.map(pair)),
  ];
  const tried = new Map<string, number>();
  for (const row of attempts) tried.set(pair(row), Math.max(row.number, tried.get(pair(row)) ?? 0));

  // Long enough ago that nothing of it can be on its way.
  const at = new Date(Date.now() - 3_600_000).toISOString();
  const lost = chance.some(enrollments, count).map((enrollment, index): Put => {
    const { userId, courseId } = enrollment;
    const own = { userId, courseId };
    const stamp: Stamp = { version: 1, updatedAt: at, causedBy: `lost-${index}`, causedAt: at };
    const ways: [Put, ...Put[]] = [
      attemptItem(attemptRow(own, (tried.get(pair(own)) ?? 0) + 1, chance.pick([0, 50, 100]), stamp)),
      {
        table: 'payments',
        item: {
          ...own,
          // One person may get the money for several courses back.
          paymentId: named(`given-back-${courseId}`),
          amount: 100,
          currency: 'EUR',
          status: 'refunded',
          createdAt: at,
          order: {
            title: courseId,
            successUrl: 'https://school.example',
            cancelUrl: 'https://school.example',
          },
          refundedAt: at,
          ...stamp,
        },
      },
      ...(read.has(pair(own)) ? [] : [chapterItem(completionRow(own, 'read', stamp))]),
      ...(watched.has(pair(own)) ? [] : [videoItem(videoRow(own, 400, stamp))]),
      ...(waived.has(pair(own)) ? [] : [waiverItem(waiverRow(own, stamp))]),
    ];
    return chance.pick(ways);
  });
  return { lost };
}
