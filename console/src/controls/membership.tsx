import { Anchor, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Reply } from '../../../shared/client/api.ts';
import type { ViewData } from '../../../shared/client/watched-views.ts';
import * as format from '../format.ts';
import type { School } from '../school.ts';
import type { Session } from '../session.ts';
import { Act, ActForm, newId } from './act.tsx';

interface MembershipProps {
  readonly school: School;
  readonly student: Session;
  readonly detail: ViewData<'StudentCourseDetail'>;
}

/** The ways into the course and out of it, as they stand. */
export function Membership(props: MembershipProps) {
  const { school, student, detail } = props;
  const { courseId, access, enrollment, request } = detail;
  const { actions } = school;
  const params = { courseId };
  if (enrollment !== undefined && enrollment.status !== 'cancelled') {
    return (
      <div className="control">
        <Act
          actions={actions}
          names="Leave"
          label="Leave"
          run={() => student.api.call('unenroll', { params })}
        />
        <span className="small quiet">
          {enrollment.status} since {format.day(enrollment.enrolledAt)}
        </span>
      </div>
    );
  }
  return (
    <>
      {access === 'open' && (
        <div className="control">
          <Act
            actions={actions}
            names={['Direct Enrollment', 'Enroll Directly']}
            label="Enroll"
            primary
            run={() => student.api.call('enroll-directly', { params })}
          />
        </div>
      )}
      {access === 'request' && request?.status !== 'pending' && <Ask {...props} />}
      {request !== undefined && (
        <div className="control">
          <Act
            actions={actions}
            names="Take Back Request"
            label={request.status === 'pending' ? 'Take back request' : 'Put away rejection'}
            run={() => student.api.call('withdraw-request', { params })}
          />
          <span className="small quiet">{request.reason ?? `request ${request.status}`}</span>
        </div>
      )}
      {access === 'paid' && <Buy {...props} />}
      {access === 'admin' && <span className="small quiet">Only an admin lets people in.</span>}
    </>
  );
}

function Ask({ school, student, detail }: MembershipProps) {
  const [message, setMessage] = useState('');
  const body = message.trim() === '' ? {} : { message };
  return (
    <ActForm
      actions={school.actions}
      names={['Create Request', 'Request Course']}
      label="Request access"
      primary
      run={() => student.api.call('request-access', { params: { courseId: detail.courseId }, body })}
    >
      <TextInput
        className="grows"
        label="Message"
        size="xs"
        value={message}
        onChange={(event) => setMessage(event.currentTarget.value)}
      />
    </ActForm>
  );
}

function Buy({ school, student, detail }: MembershipProps) {
  // One as long as it can be paid, so that a second try after a lost reply does not buy twice.
  const [paymentId, setPaymentId] = useState(() => newId('payment'));
  const [payment, setPayment] = useState<Reply<'start-checkout'>>();
  const { courseId, price } = detail;
  function start(params: { readonly paymentId: string }) {
    const here = window.location.href;
    return student.api.call('start-checkout', {
      params,
      body: { courseId, successUrl: here, cancelUrl: here },
    });
  }
  async function checkout() {
    const started = await start({ paymentId });
    const { status } = started.body;
    // What is paid lets the student in by itself.
    if (status === 'pending' || status === 'completed') return started;
    const another = newId('payment');
    setPaymentId(another);
    return start({ paymentId: another });
  }
  return (
    <div className="control">
      <Act
        actions={school.actions}
        names="Start Checkout"
        label={price === undefined ? 'Buy' : `Buy for ${format.money(price)}`}
        primary
        run={checkout}
        onDone={({ body }) => setPayment(body)}
      />
      {payment?.status === 'completed' && <span className="small quiet">It is paid.</span>}
      {payment?.checkoutUrl !== undefined && (
        // Another window, for this one is to show what the payment changes.
        <Anchor href={payment.checkoutUrl} target="_blank" rel="noreferrer" size="sm">
          Go to the payment page
        </Anchor>
      )}
    </div>
  );
}
