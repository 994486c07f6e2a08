import { adminOperations } from './admin-operations.ts';
import { ADMIN_EXAMPLES } from './examples/admin-examples.ts';
import { ADMIN_QBANK_EXAMPLES } from './examples/admin-qbank-examples.ts';
import type { AnyExample } from './examples/example.ts';
import { EXPLANATION_EXAMPLES } from './examples/explanation-examples.ts';
import { FAILURE_EXAMPLES } from './examples/failure-examples.ts';
import { HEALTH_EXAMPLES } from './examples/health-examples.ts';
import { JOB_EXAMPLES } from './examples/job-examples.ts';
import { PUBLIC_EXAMPLES } from './examples/public-examples.ts';
import { STUDENT_EXAMPLES } from './examples/student-examples.ts';
import { STUDENT_QBANK_EXAMPLES } from './examples/student-qbank-examples.ts';
import { explanationOperations } from './explanation-operations.ts';
import { failureOperations } from './failure-operations.ts';
import { healthOperations } from './health-operations.ts';
import { jobOperations } from './job-operations.ts';
import type { Operation } from './operation.ts';
import { publicOperations } from './public-operations.ts';
import { adminQbankOperations, studentQbankOperations } from './qbank-operations.ts';
import { studentOperations } from './student-operations.ts';

/** Operations that belong together, as readers of the description find them, with an example of each. */
export interface OperationGroup {
  readonly tag: string;
  readonly description: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly examples: Readonly<Record<string, AnyExample>>;
}

/** Imported only by what describes the API: no other function carries the examples. */
export const OPERATION_GROUPS: readonly OperationGroup[] = [
  {
    tag: 'Public',
    description: 'What anyone may call, without a token.',
    operations: publicOperations,
    examples: PUBLIC_EXAMPLES,
  },
  {
    tag: 'Learning',
    description: 'What students do and see: always about themselves. Five of the nine views are here.',
    operations: studentOperations,
    examples: STUDENT_EXAMPLES,
  },
  {
    tag: 'Practice',
    description: 'Tests that a student makes of the question bank of a course.',
    operations: studentQbankOperations,
    examples: STUDENT_QBANK_EXAMPLES,
  },
  {
    tag: 'Teaching',
    description:
      'What admins do and see: courses, students, requests, marks. Four of the nine views are here.',
    operations: adminOperations,
    examples: ADMIN_EXAMPLES,
  },
  {
    tag: 'Question bank',
    description: 'The questions of a course and how they do. A voided version counts in no score.',
    operations: adminQbankOperations,
    examples: ADMIN_QBANK_EXAMPLES,
  },
  {
    tag: 'Jobs',
    description: 'Long work that goes on by itself, survives crashes and can be stopped.',
    operations: jobOperations,
    examples: JOB_EXAMPLES,
  },
  {
    tag: 'Failures',
    description:
      'Records of changes that could not be processed: nothing is lost, each waits for a decision.',
    operations: failureOperations,
    examples: FAILURE_EXAMPLES,
  },
  {
    tag: 'Explanations',
    description: 'Where a number comes from, down to what a person did.',
    operations: explanationOperations,
    examples: EXPLANATION_EXAMPLES,
  },
  {
    tag: 'Sync health',
    description: 'How well every flow is kept in step: the page that an operator opens first.',
    operations: healthOperations,
    examples: HEALTH_EXAMPLES,
  },
];
