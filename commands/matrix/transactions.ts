import * as act from './actions.ts';
import type { Lab, Learner } from './lab.ts';
import { tellOfPayment } from './provider-events.ts';

/** An operation that has to be one transaction. */
export interface Transaction {
  /** The function that writes. */
  readonly functionName: string;
  readonly given: (lab: Lab) => Promise<Learner>;
  /** Does it. It may be refused while something goes wrong; done again, it has to complete. */
  readonly does: (learner: Learner, lab: Lab) => Promise<unknown>;
  /** The tables that it has to write together. */
  readonly tables: readonly string[];
  /** Whether it is done by a stream: then nobody is told that it failed, and it is tried again by itself. */
  readonly byStream?: true;
}

const ENROLLS = ['studentProgress', 'enrollments', 'accessRequests'];

/** A learner who waits to be let in and is at the checkout, since the course is sold meanwhile. */
async function atCheckout(lab: Lab): Promise<Learner> {
  const learner = await act.asking(lab);
  await act.sellCourse(learner, lab);
  await act.openCheckout(learner);
  return learner;
}

async function waived(lab: Lab): Promise<Learner> {
  const learner = await act.studying(lab);
  await act.waive('text', learner, lab);
  return learner;
}

/** A learner who has but the last quiz to pass. */
async function almostThere(lab: Lab): Promise<Learner> {
  const learner = await act.studying(lab);
  await act.completeChapter('read', learner);
  await act.completeChapter('watch', learner);
  await act.handIn('easy', 'wrong', learner);
  return learner;
}

/** Every operation of the design's table, those of section 10 among them, and the others that write several rows. */
export const TRANSACTIONS: Readonly<Record<string, Transaction>> = {
  'Request Approval': {
    functionName: 'lockstep-approve-request',
    given: act.asking,
    does: act.approve,
    tables: [...ENROLLS, 'notifications'],
  },
  'Direct Enrollment': {
    functionName: 'lockstep-enroll-directly',
    given: act.askingForOpened,
    does: act.enrollDirectly,
    tables: ENROLLS,
  },
  'Admin Enrollment': {
    functionName: 'lockstep-enroll-student',
    given: act.asking,
    does: act.enrollByAdmin,
    tables: [...ENROLLS, 'notifications'],
  },
  'Payment Enrollment': {
    functionName: 'lockstep-receive-payment-event',
    given: atCheckout,
    does: (learner, lab) => tellOfPayment('completed', learner, lab),
    tables: ['payments', ...ENROLLS, 'notifications'],
  },
  'Payment Failure': {
    functionName: 'lockstep-receive-payment-event',
    given: atCheckout,
    does: (learner, lab) => tellOfPayment('failed', learner, lab),
    tables: ['payments', 'notifications'],
  },
  Refund: {
    functionName: 'lockstep-receive-payment-event',
    given: async (lab) => {
      const learner = await atCheckout(lab);
      await tellOfPayment('completed', learner, lab);
      return learner;
    },
    does: (learner, lab) => tellOfPayment('refunded', learner, lab),
    tables: ['payments', 'enrollments', 'notifications'],
  },
  Unenroll: {
    functionName: 'lockstep-unenroll-student',
    given: act.studying,
    does: act.unenrollByAdmin,
    tables: ['enrollments', 'notifications'],
  },
  'Request Rejection': {
    functionName: 'lockstep-reject-request',
    given: act.asking,
    does: act.reject,
    tables: ['accessRequests', 'notifications'],
  },
  Waiver: {
    functionName: 'lockstep-waive-item',
    given: act.studying,
    does: (learner, lab) => act.waive('text', learner, lab),
    tables: ['waivers', 'notifications'],
  },
  'Waiver Withdrawal': {
    functionName: 'lockstep-withdraw-waiver',
    given: waived,
    does: (learner, lab) => act.withdrawWaiver('text', learner, lab),
    tables: ['waivers', 'notifications'],
  },
  'Progress Update': {
    functionName: 'lockstep-project-progress',
    given: act.studying,
    does: (learner) => act.completeChapter('read', learner),
    tables: ['studentProgress', 'enrollments'],
    byStream: true,
  },
  Certificate: {
    functionName: 'lockstep-react-to-progress',
    given: almostThere,
    does: (learner) => act.handIn('hard', 'right', learner),
    tables: ['certificates', 'notifications'],
    byStream: true,
  },
};
