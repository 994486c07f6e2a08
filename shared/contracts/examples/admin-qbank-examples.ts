import type * as z from 'zod';
import type { AdminQuestion, QuestionFigures } from '../qbank.ts';
import type { adminQbankOperations } from '../qbank-operations.ts';
import type { Examples } from './example.ts';

const FIGURES: z.input<typeof QuestionFigures> = {
  people: 2,
  blanks: 0,
  facility: 0.5,
  standardError: 0.5,
  meanSeconds: 0,
  pairs: 2,
  discrimination: 100,
  options: [
    { optionId: 'left-anterior-descending-artery', count: 1, share: 0.5, pointBiserial: 1 },
    { optionId: 'right-coronary-artery', count: 1, share: 0.5, pointBiserial: -1 },
    { optionId: 'pulmonary-artery', count: 0, share: 0, pointBiserial: null },
  ],
  flags: [],
};

const SUPPLY: z.input<typeof AdminQuestion> = {
  courseId: 'heart',
  questionId: 'supply',
  topic: 'vessels',
  difficulty: 'medium',
  questionVersion: 1,
  stem: 'Which vessel supplies most of the left ventricle?',
  options: [
    { optionId: 'left-anterior-descending-artery', text: 'Left anterior descending artery' },
    { optionId: 'right-coronary-artery', text: 'Right coronary artery' },
    { optionId: 'pulmonary-artery', text: 'Pulmonary artery' },
  ],
  key: 'left-anterior-descending-artery',
  explanation: 'Left anterior descending artery is right.',
  voids: [],
  version: 1,
  updatedAt: '2026-11-23T02:13:18.146Z',
};

/** What an admin does with the question bank. */
export const ADMIN_QBANK_EXAMPLES: Examples<typeof adminQbankOperations> = {
  'put-question': {
    story: 'The admin adds a question to the bank of the course on the heart.',
    by: 'admin',
    params: { courseId: 'heart', questionId: 'murmur' },
    body: {
      topic: 'sounds',
      difficulty: 'hard',
      stem: 'Which murmur is heard best at the apex?',
      options: [
        { optionId: 'mitral', text: 'That of the mitral valve' },
        { optionId: 'aortic', text: 'That of the aortic valve' },
      ],
      key: 'mitral',
      explanation: 'The apex lies closest to the left ventricle.',
      ifVersion: 0,
    },
    reply: {
      courseId: 'heart',
      questionId: 'murmur',
      topic: 'sounds',
      difficulty: 'hard',
      questionVersion: 1,
      stem: 'Which murmur is heard best at the apex?',
      options: [
        { optionId: 'mitral', text: 'That of the mitral valve' },
        { optionId: 'aortic', text: 'That of the aortic valve' },
      ],
      key: 'mitral',
      explanation: 'The apex lies closest to the left ventricle.',
      voids: [],
      version: 1,
      updatedAt: '2026-11-23T02:13:28.018Z',
    },
  },
  'import-questions': {
    story: 'The admin imports two questions, of which the second has no right option and is refused.',
    by: 'admin',
    params: { courseId: 'heart' },
    body: {
      questions: [
        {
          questionId: 'pacemaker',
          topic: 'conduction',
          stem: 'How often does a healthy heart at rest beat in a minute?',
          options: [
            { optionId: 'usual', text: '60 to 100 times' },
            { optionId: 'slow', text: '20 to 40 times' },
          ],
          key: 'usual',
        },
        {
          questionId: 'broken',
          topic: 'conduction',
          stem: 'Which wave comes first?',
          options: [
            { optionId: 'p', text: 'P' },
            { optionId: 't', text: 'T' },
          ],
          key: 'q',
        },
      ],
    },
    reply: {
      created: 1,
      revised: 0,
      unchanged: 0,
      refused: 1,
      questions: [
        { outcome: 'created', questionId: 'pacemaker', questionVersion: 1 },
        {
          outcome: 'refused',
          questionId: 'broken',
          code: 'question_invalid',
          message: 'The key is none of the options.',
          details: { 'body.questions.1.key': 'The key is none of the options.' },
        },
      ],
    },
  },
  'get-question': {
    story: 'The admin looks at the question on the supply of the heart.',
    by: 'admin',
    params: { courseId: 'heart', questionId: 'supply' },
    reply: {
      ...SUPPLY,
      versions: [
        {
          questionVersion: 1,
          stem: 'Which vessel supplies most of the left ventricle?',
          options: [
            { optionId: 'left-anterior-descending-artery', text: 'Left anterior descending artery' },
            { optionId: 'right-coronary-artery', text: 'Right coronary artery' },
            { optionId: 'pulmonary-artery', text: 'Pulmonary artery' },
          ],
          key: 'left-anterior-descending-artery',
          explanation: 'Left anterior descending artery is right.',
          since: '2026-11-23T02:13:18.146Z',
          voided: false,
          figures: FIGURES,
        },
      ],
    },
  },
  'void-question': {
    story: 'The admin takes that question out of every score.',
    by: 'admin',
    params: { courseId: 'heart', questionId: 'supply', questionVersion: 1 },
    body: { reason: 'Two options can be defended.' },
    reply: {
      courseId: 'heart',
      questionId: 'supply',
      topic: 'vessels',
      difficulty: 'medium',
      questionVersion: 1,
      stem: 'Which vessel supplies most of the left ventricle?',
      options: [
        { optionId: 'left-anterior-descending-artery', text: 'Left anterior descending artery' },
        { optionId: 'right-coronary-artery', text: 'Right coronary artery' },
        { optionId: 'pulmonary-artery', text: 'Pulmonary artery' },
      ],
      key: 'left-anterior-descending-artery',
      explanation: 'Left anterior descending artery is right.',
      voids: [
        {
          questionVersion: 1,
          reason: 'Two options can be defended.',
          voidedBy: 'admin',
          voidedAt: '2026-11-23T02:13:28.729Z',
        },
      ],
      version: 2,
      updatedAt: '2026-11-23T02:13:28.729Z',
    },
  },
  'validate-question': {
    story: 'The admin lets it count again.',
    by: 'admin',
    params: { courseId: 'heart', questionId: 'supply', questionVersion: 1 },
    reply: {
      courseId: 'heart',
      questionId: 'supply',
      topic: 'vessels',
      difficulty: 'medium',
      questionVersion: 1,
      stem: 'Which vessel supplies most of the left ventricle?',
      options: [
        { optionId: 'left-anterior-descending-artery', text: 'Left anterior descending artery' },
        { optionId: 'right-coronary-artery', text: 'Right coronary artery' },
        { optionId: 'pulmonary-artery', text: 'Pulmonary artery' },
      ],
      key: 'left-anterior-descending-artery',
      explanation: 'Left anterior descending artery is right.',
      voids: [],
      version: 3,
      updatedAt: '2026-11-23T02:13:29.700Z',
    },
  },
  'get-question-table': {
    story: 'The admin looks for questions that are hard.',
    by: 'admin',
    params: { courseId: 'heart' },
    query: { sort: 'facility', order: 'ascending', limit: 2 },
    reply: {
      courseId: 'heart',
      total: 5,
      questions: [
        {
          questionId: 'delay',
          topic: 'conduction',
          difficulty: 'medium',
          questionVersion: 1,
          stem: 'Where is the beat held back before it reaches the ventricles?',
          key: 'atrioventricular-node',
          voided: false,
          figures: {
            ...FIGURES,
            options: [
              { optionId: 'atrioventricular-node', count: 1, share: 0.5, pointBiserial: 1 },
              { optionId: 'sinoatrial-node', count: 1, share: 0.5, pointBiserial: -1 },
            ],
          },
        },
        {
          questionId: 'supply',
          topic: 'vessels',
          difficulty: 'medium',
          questionVersion: 1,
          stem: 'Which vessel supplies most of the left ventricle?',
          key: 'left-anterior-descending-artery',
          voided: false,
          figures: FIGURES,
        },
      ],
      cursor:
        'eyJjb3Vyc2VJZCI6ImhlYXJ0Iiwic29ydCI6ImZhY2lsaXR5Iiwib3JkZXIiOiJhc2NlbmRpbmciLCJ0b3BpYyI6bnVsbCwiZmlndXJlcyI6WzAuNV0sInF1ZXN0aW9uSWQiOiJzdXBwbHkifQ',
    },
  },
};
