import type { ApiClient } from '../../shared/client/api.ts';

/** A question with options a, b and c of which a is right. */
export function question(questionId: string, change: Record<string, unknown> = {}) {
  return {
    questionId,
    topic: 'heart',
    stem: `What is ${questionId}?`,
    options: ['a', 'b', 'c'].map((optionId) => ({ optionId, text: `Option ${optionId}` })),
    key: 'a',
    explanation: `Because of ${questionId}.`,
    ...change,
  };
}

/** Puts questions into a course's bank, which must take them all. */
export async function fillBank(
  admin: ApiClient,
  courseId: string,
  questions: ReturnType<typeof question>[],
): Promise<void> {
  const { body } = await admin.call('import-questions', { params: { courseId }, body: { questions } });
  if (body.refused > 0) throw new Error(`The bank refused questions: ${JSON.stringify(body.questions)}`);
}
