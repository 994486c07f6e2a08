import type { publicOperations } from '../public-operations.ts';
import type { Examples } from './example.ts';

/** What anyone may call. */
export const PUBLIC_EXAMPLES: Examples<typeof publicOperations> = {
  'describe-api': { story: 'Anyone reads this document.', by: 'nobody', reply: { openapi: '3.1.0' } },
  'receive-payment-event': {
    story:
      'The provider tells that Ben has paid for the course on X-rays, which lets him in. The signature is in the header Stripe-Signature; on a local stack POST /local/payments/signature makes one.',
    by: 'nobody',
    body: {
      id: 'evt_1QSd7v2eZvKYlo2C',
      object: 'event',
      type: 'checkout.session.completed',
      created: 1795400013,
      livemode: false,
      data: {
        object: {
          id: 'cs_test_a1B2c3D4',
          object: 'checkout.session',
          mode: 'payment',
          status: 'complete',
          payment_status: 'paid',
          amount_total: 4900,
          currency: 'eur',
          client_reference_id: 'ben#xray',
          metadata: { userId: 'ben', paymentId: 'xray', courseId: 'imaging' },
          payment_intent: 'pi_test_a1B2c3D4',
        },
      },
    },
    reply: { received: true, applied: true },
  },
  'verify-certificate': {
    story: 'Somebody checks the certificate that Ben shows.',
    by: 'nobody',
    params: { code: 'MRANW97GGHHJKY9KZ0BC1SVSPA' },
    follows: { operation: 'get-student-profile', params: { code: '/certificates/0/code' } },
    reply: {
      code: 'MRANW97GGHHJKY9KZ0BC1SVSPA',
      studentName: 'Ben Lindqvist',
      courseTitle: 'Anatomy of the heart',
      completedAt: '2026-11-23T02:13:22.973Z',
      issuedAt: '2026-11-23T02:13:23.128Z',
    },
  },
  'get-certificate-pdf': {
    story: 'Ben prints his certificate.',
    by: 'nobody',
    params: { code: 'MRANW97GGHHJKY9KZ0BC1SVSPA' },
    follows: { operation: 'get-student-profile', params: { code: '/certificates/0/code' } },
  },
};
