import type * as z from 'zod';
import { createApiClient, type ApiClient } from '../../shared/client/api.ts';
import type { CourseDraft } from '../../shared/contracts/requests.ts';
import type { School } from '../school.ts';

type Draft = z.input<typeof CourseDraft>;

const anatomy: Draft = {
  title: 'Anatomy of the heart',
  summary: 'Four chambers, four valves, one cycle.',
  access: 'open',
  outline: {
    chapters: [
      {
        chapterId: 'chambers',
        title: 'The chambers',
        items: [
          { kind: 'reading', itemId: 'chambers-text', title: 'Atria and ventricles' },
          { kind: 'video', itemId: 'chambers-film', title: 'A tour of the chambers', durationSeconds: 40 },
        ],
      },
      {
        chapterId: 'valves',
        title: 'The valves',
        items: [
          { kind: 'reading', itemId: 'valves-text', title: 'Why blood flows one way' },
          {
            kind: 'quiz',
            itemId: 'valves-quiz',
            title: 'Name the valves',
            weight: 2,
            passMark: 50,
            marking: {
              by: 'key',
              questions: [
                {
                  questionId: 'left',
                  stem: 'Which valve lies between the left atrium and the left ventricle?',
                  options: [
                    { optionId: 'mitral', text: 'Mitral' },
                    { optionId: 'tricuspid', text: 'Tricuspid' },
                  ],
                  key: 'mitral',
                },
                {
                  questionId: 'aorta',
                  stem: 'Which valve opens into the aorta?',
                  options: [
                    { optionId: 'pulmonary', text: 'Pulmonary' },
                    { optionId: 'aortic', text: 'Aortic' },
                  ],
                  key: 'aortic',
                },
              ],
            },
          },
        ],
      },
      {
        chapterId: 'practice',
        title: 'Practice',
        items: [{ kind: 'qbank', itemId: 'drill', title: 'Three questions', required: false, questions: 3 }],
      },
    ],
  },
};

function bankQuestion(
  questionId: string,
  topic: string,
  stem: string,
  [right, ...wrong]: [string, ...string[]],
) {
  const options = [right, ...wrong].map((text) => ({
    optionId: text.toLowerCase().replaceAll(' ', '-'),
    text,
  }));
  return { questionId, topic, stem, options, key: options[0]?.optionId, explanation: `${right} is right.` };
}

/** The question bank of the first course. */
const BANK = [
  bankQuestion('rhythm', 'conduction', 'Where does the beat of a healthy heart begin?', [
    'Sinoatrial node',
    'Atrioventricular node',
    'Bundle of His',
  ]),
  bankQuestion('delay', 'conduction', 'Where is the beat held back before it reaches the ventricles?', [
    'Atrioventricular node',
    'Sinoatrial node',
  ]),
  bankQuestion('supply', 'vessels', 'Which vessel supplies most of the left ventricle?', [
    'Left anterior descending artery',
    'Right coronary artery',
    'Pulmonary artery',
  ]),
];

const essay: Draft = {
  title: 'Clinical reasoning',
  summary: 'One case, one essay, marked by a tutor.',
  access: 'admin',
  outline: {
    chapters: [
      {
        chapterId: 'case',
        title: 'The case',
        items: [
          { kind: 'reading', itemId: 'case-text', title: 'A man with chest pain' },
          {
            kind: 'quiz',
            itemId: 'case-essay',
            title: 'Your diagnosis',
            passMark: 40,
            marking: { by: 'hand' },
          },
        ],
      },
    ],
  },
};

/** A course of one chapter to read, with another way in. */
function toRead(title: string, summary: string, ways: Pick<Draft, 'access' | 'price'>): Draft {
  const items = [{ kind: 'reading', itemId: 'text', title: 'The text' }] as const;
  return {
    title,
    summary,
    ...ways,
    outline: { chapters: [{ chapterId: 'text', title: 'Read it', items: [...items] }] },
  };
}

const COURSES: Readonly<Record<string, Draft>> = {
  heart: anatomy,
  reasoning: essay,
  ethics: toRead('Ethics at the bedside', 'A seminar: ask for a seat.', { access: 'request' }),
  imaging: toRead('Reading an X-ray', 'Paid; no money moves here.', {
    access: 'paid',
    price: { amount: 4900, currency: 'EUR' },
  }),
};

const PEOPLE = {
  ada: { name: 'Ada Okafor', email: 'ada@school.example' },
  ben: { name: 'Ben Lindqvist', email: 'ben@school.example' },
  cleo: { name: 'Cleo Marchetti', email: 'cleo@school.example' },
} as const;

/** Fills an empty school through its own API: four courses, a question bank, three students, a little of everything. Repeatable. */
export async function fillSampleSchool(school: School): Promise<void> {
  const client = async (userId: string, groups?: readonly string[]) =>
    createApiClient({ url: school.url, token: await school.token(userId, groups) });
  const admin = await client('admin', ['admin']);
  for (const [courseId, body] of Object.entries(COURSES)) {
    await admin.call('put-course', { params: { courseId }, body });
    if (courseId === 'heart') {
      await admin.call('import-questions', { params: { courseId }, body: { questions: BANK } });
    }
    await admin.call('set-course-status', { params: { courseId }, body: { status: 'published' } });
  }
  for (const [userId, person] of Object.entries(PEOPLE)) await school.signUp(userId, person);
  const [ada, ben, cleo] = await Promise.all([client('ada'), client('ben'), client('cleo')]);
  const heart = { courseId: 'heart' };
  for (const student of [ada, ben, cleo]) await student.call('enroll-directly', { params: heart });
  await ada.call('complete-chapter', { params: { ...heart, chapterId: 'chambers' } });
  await ada.call('submit-quiz-attempt', {
    params: { ...heart, quizId: 'valves-quiz', attemptId: 'first' },
    body: { answers: { left: 'mitral', aorta: 'aortic' } },
  });
  await ada.call('complete-chapter', { params: { ...heart, chapterId: 'valves' } });
  await ben.call('record-video-beat', {
    params: { ...heart, videoId: 'chambers-film' },
    body: { intervals: [[0, 12]] },
  });
  for (const [student, rightOnes] of [
    [ada, 3],
    [ben, 1],
  ] as const)
    await practise(student, rightOnes);
  const question = { message: 'I work on a ward and would like to join.' };
  await cleo.call('request-access', { params: { courseId: 'ethics' }, body: question });
  const reasoning = { userId: 'ada', courseId: 'reasoning' };
  await admin.call('enroll-student', { params: reasoning });
  const handedIn = { courseId: 'reasoning', quizId: 'case-essay', attemptId: 'first' };
  await ada.call('submit-quiz-attempt', { params: handedIn, body: {} });
  await admin.call('mark-quiz-attempt', { params: { ...handedIn, userId: 'ada' }, body: { score: 72 } });
  await school.quiet();
}

/** A whole test of the bank, its first questions answered right. */
async function practise(student: ApiClient, rightOnes: number): Promise<void> {
  const params = { courseId: 'heart', testId: 'first' };
  await student.call('start-test', { params, body: { mode: 'tutor', count: BANK.length } });
  for (const [index, { questionId, options }] of BANK.entries()) {
    const optionId = options[index < rightOnes ? 0 : 1]?.optionId ?? '';
    await student.call('answer-question', {
      params: { ...params, questionId },
      body: { answerId: questionId, optionId, seconds: 20 },
    });
  }
  await student.call('submit-test', { params });
}
