import type { OperationName } from '../shared/contracts/api.ts';
import { finishes, type FunctionSpec, type Grants, startsJobs, type TableAction } from './function-spec.ts';

/** One transaction lets a student in, ends a request for it, and tells the student where somebody else did it. */
const enrolls = {
  courses: ['GetItem', 'BatchGetItem'],
  enrollments: ['GetItem', 'PutItem'],
  studentProgress: ['GetItem', 'PutItem'],
  students: ['GetItem', 'PutItem'],
  accessRequests: ['GetItem', 'DeleteItem', 'ConditionCheckItem'],
} as const satisfies Grants;

const unenrolls = {
  courses: ['BatchGetItem'],
  enrollments: ['BatchGetItem', 'PutItem'],
} as const satisfies Grants;

const notifies = { notifications: ['PutItem'] } as const satisfies Grants;

/** What a learner's command reads before it notes a fact. */
const studies = { courses: ['BatchGetItem'], enrollments: ['BatchGetItem'] } as const satisfies Grants;

const bumps = ['GetItem', 'PutItem'] as const satisfies readonly TableAction[];

/** What may be bumped, so that its stream tells of it once more. */
const redrives = {
  students: bumps,
  accessRequests: bumps,
  payments: bumps,
  enrollments: bumps,
  studentProgress: bumps,
  chapterCompletions: bumps,
  videoProgress: bumps,
  quizAttempts: bumps,
  waivers: bumps,
  qbankTests: bumps,
  qbankQuestionAttempts: bumps,
  qbankRecords: bumps,
  jobs: bumps,
} as const satisfies Grants;

/** The functions of the HTTP API, one for each operation. */
export const httpFunctions: Readonly<Record<OperationName, FunctionSpec>> = {
  'describe-api': { grants: {}, describes: true },
  'receive-payment-event': {
    grants: { ...enrolls, ...notifies, payments: ['GetItem', 'PutItem'] },
    pays: true,
  },
  'verify-certificate': { grants: { 'certificates/byCode': ['Query'], certificates: ['GetItem'] } },
  'get-certificate-pdf': {
    grants: { 'certificates/byCode': ['Query'], certificates: ['GetItem'] },
    lazy: true,
    files: ['@expo-google-fonts/eb-garamond/400Regular/EBGaramond_400Regular.ttf'],
  },
  'get-student-dashboard': {
    grants: { enrollments: ['Query'], accessRequests: ['Query'], courses: ['BatchGetItem'] },
  },
  'get-student-courses': {
    grants: {
      'courses/byStatus': ['Scan'],
      courses: ['BatchGetItem'],
      enrollments: ['BatchGetItem'],
      accessRequests: ['BatchGetItem'],
    },
  },
  'get-student-progress': {
    grants: { studentProgress: ['Query'], courses: ['BatchGetItem'], enrollments: ['BatchGetItem'] },
  },
  'get-student-course-detail': {
    grants: {
      courses: ['GetItem', 'BatchGetItem'],
      enrollments: ['GetItem'],
      studentProgress: ['GetItem'],
      accessRequests: ['GetItem'],
      videoProgress: ['Query'],
    },
  },
  'enroll-directly': { grants: enrolls },
  unenroll: { grants: unenrolls },
  'complete-chapter': { grants: { ...studies, chapterCompletions: ['BatchGetItem', 'PutItem'] } },
  'record-video-beat': { grants: { ...studies, videoProgress: ['BatchGetItem', 'PutItem'] } },
  'submit-quiz-attempt': { grants: { ...studies, quizAttempts: ['Query', 'PutItem'] } },
  'get-student-profile': {
    grants: { students: ['GetItem'], certificates: ['Query'], notifications: ['Query'] },
  },
  'put-student-profile': { grants: { students: ['GetItem', 'PutItem'] } },
  'request-access': {
    grants: {
      courses: ['GetItem'],
      enrollments: ['GetItem', 'ConditionCheckItem'],
      accessRequests: ['GetItem', 'PutItem'],
    },
  },
  'withdraw-request': { grants: { accessRequests: ['GetItem', 'DeleteItem'] } },
  'start-checkout': {
    grants: { courses: ['GetItem'], enrollments: ['GetItem'], payments: ['GetItem', 'PutItem'] },
    pays: true,
  },
  'get-payments': { grants: { payments: ['Query'] } },
  'get-notifications': { grants: { notifications: ['Query'], students: ['GetItem'] } },
  'read-notification': {
    grants: { notifications: ['BatchGetItem', 'PutItem'], students: ['BatchGetItem'] },
  },
  'read-notifications': { grants: { notifications: ['Query'], students: ['GetItem', 'PutItem'] } },
  'get-student-qbank': {
    grants: {
      courses: ['BatchGetItem'],
      enrollments: ['BatchGetItem'],
      studentProgress: ['BatchGetItem'],
      qbankQuestions: ['Query'],
      qbankRecords: ['BatchGetItem'],
      qbankTests: ['Query'],
      analytics: ['BatchGetItem'],
    },
    shards: true,
  },
  'start-test': {
    grants: {
      courses: ['BatchGetItem'],
      enrollments: ['BatchGetItem'],
      studentProgress: ['BatchGetItem'],
      qbankRecords: ['BatchGetItem'],
      qbankQuestions: ['Query'],
      qbankTests: ['BatchGetItem', 'PutItem'],
      qbankPapers: ['BatchGetItem', 'PutItem'],
    },
  },
  'get-test': {
    grants: {
      qbankTests: ['BatchGetItem'],
      qbankPapers: ['BatchGetItem'],
      qbankQuestions: ['BatchGetItem'],
      qbankQuestionAttempts: ['Query'],
    },
  },
  'open-test': { grants: { qbankTests: ['BatchGetItem', 'PutItem'], qbankPapers: ['BatchGetItem'] } },
  'answer-question': {
    grants: {
      qbankTests: ['BatchGetItem', 'PutItem', 'ConditionCheckItem'],
      qbankPapers: ['BatchGetItem'],
      qbankQuestions: ['BatchGetItem'],
      qbankQuestionAttempts: ['BatchGetItem', 'PutItem'],
      qbankMeetings: ['BatchGetItem', 'PutItem', 'ConditionCheckItem'],
    },
  },
  'submit-test': { grants: finishes },
  'put-course': { grants: { courses: ['GetItem', 'BatchGetItem', 'PutItem'] } },
  'get-course': { grants: { courses: ['GetItem', 'BatchGetItem'] } },
  'preview-course': {
    grants: {
      courses: ['GetItem', 'BatchGetItem'],
      'enrollments/byCourse': ['Query'],
      enrollments: ['BatchGetItem'],
      studentProgress: ['BatchGetItem'],
      videoProgress: ['BatchGetItem'],
      jobs: ['GetItem', 'Query', 'PutItem'],
    },
  },
  'set-course-status': {
    grants: {
      courses: ['GetItem', 'PutItem'],
      qbankQuestions: ['GetItem'],
      'enrollments/byCourse': ['Query'],
      jobs: ['PutItem'],
    },
  },
  'get-admin-dashboard': {
    grants: { 'courses/byStatus': ['Scan'], courses: ['BatchGetItem'], analytics: ['BatchGetItem'] },
    shards: true,
  },
  'get-admin-analytics': { grants: { analytics: ['Query'], courses: ['BatchGetItem'] } },
  'get-admin-students': {
    grants: {
      enrollments: ['Scan', 'BatchGetItem'],
      'enrollments/byCourse': ['Query'],
      'students/byNewcomer': ['Scan'],
      'students/byName': ['Query'],
      'students/byEmail': ['Query'],
      students: ['BatchGetItem'],
      courses: ['BatchGetItem'],
    },
  },
  'get-admin-requests': {
    grants: {
      'accessRequests/byStatus': ['Query'],
      accessRequests: ['BatchGetItem'],
      students: ['BatchGetItem'],
      courses: ['BatchGetItem'],
    },
  },
  'get-admin-student': {
    grants: {
      students: ['BatchGetItem'],
      courses: ['BatchGetItem'],
      enrollments: ['Query'],
      studentProgress: ['Query'],
      accessRequests: ['Query'],
      waivers: ['Query'],
      payments: ['Query'],
      certificates: ['Query'],
    },
  },
  'enroll-student': { grants: { ...enrolls, ...notifies } },
  'unenroll-student': { grants: { ...unenrolls, ...notifies } },
  // There is always a request to delete, so its absence is never checked.
  'approve-request': {
    grants: { ...enrolls, ...notifies, accessRequests: ['GetItem', 'DeleteItem'] },
  },
  'reject-request': {
    grants: { courses: ['GetItem'], accessRequests: ['GetItem', 'PutItem'], ...notifies },
  },
  'waive-item': {
    grants: {
      courses: ['GetItem', 'BatchGetItem'],
      enrollments: ['GetItem', 'ConditionCheckItem'],
      waivers: ['GetItem', 'PutItem'],
      ...notifies,
    },
  },
  'withdraw-waiver': {
    grants: { courses: ['GetItem'], waivers: ['GetItem', 'PutItem'], ...notifies },
  },
  'put-question': {
    grants: { courses: ['GetItem'], qbankQuestions: ['GetItem', 'PutItem'] },
  },
  'import-questions': {
    grants: { courses: ['GetItem'], qbankQuestions: ['BatchGetItem', 'PutItem'] },
  },
  'get-question': { grants: { qbankQuestions: ['Query', 'GetItem'], qbankQuestionStatistics: ['Query'] } },
  'void-question': { grants: { qbankQuestions: ['GetItem', 'PutItem'], jobs: ['PutItem'] } },
  'validate-question': { grants: { qbankQuestions: ['GetItem', 'PutItem'], jobs: ['PutItem'] } },
  'get-question-table': {
    grants: {
      courses: ['BatchGetItem'],
      qbankQuestions: ['Query', 'BatchGetItem'],
      qbankQuestionStatistics: ['Query'],
    },
  },
  'get-jobs': { grants: { 'jobs/byStart': ['Query'], jobs: ['BatchGetItem'] } },
  'get-job': { grants: { jobs: ['GetItem', 'Query'] } },
  'start-job': { grants: startsJobs },
  'stop-job': { grants: { jobs: ['GetItem', 'PutItem'] } },
  'get-failures': { grants: { 'failures/byTime': ['Query'], failures: ['BatchGetItem'] } },
  'get-failure': { grants: { failures: ['GetItem'] } },
  'redrive-failure': { grants: { ...redrives, failures: ['GetItem', 'PutItem'] } },
  'redrive-failures': {
    grants: { ...redrives, 'failures/byTime': ['Query'], failures: ['GetItem', 'PutItem'] },
  },
  'drop-failure': { grants: { failures: ['GetItem', 'PutItem'] } },
  'get-sync-health': { grants: { health: ['GetItem'], measurements: ['Query'] } },
  'explain-progress': {
    grants: {
      courses: ['GetItem', 'BatchGetItem'],
      enrollments: ['GetItem'],
      studentProgress: ['GetItem'],
      chapterCompletions: ['Query'],
      videoProgress: ['Query'],
      quizAttempts: ['Query'],
      waivers: ['Query'],
      qbankQuestionAttempts: ['Query'],
    },
  },
  'explain-aggregate': {
    grants: {
      ledger: ['Scan', 'BatchGetItem'],
      analytics: ['Query'],
      qbankQuestionStatistics: ['Query'],
      qbankTests: ['Query'],
      'qbankMeetings/byQuestion': ['Query'],
      qbankMeetings: ['BatchGetItem'],
    },
  },
  'mark-quiz-attempt': { grants: { courses: ['BatchGetItem'], quizAttempts: ['Query', 'PutItem'] } },
};
