import * as z from 'zod';
import { certificate, VerifiedCertificate } from './certificates.ts';
import { none, type Operation } from './operation.ts';
import { PaymentEventReceipt } from './payments.ts';

/** What anyone may call. */
export const publicOperations = {
  'describe-api': {
    method: 'GET',
    path: '/openapi.json',
    audience: 'public',
    summary: 'The API, described as OpenAPI 3.1',
    params: none,
    query: none,
    reply: z.looseObject({ openapi: z.string() }),
    errors: [],
  },
  'receive-payment-event': {
    method: 'POST',
    path: '/webhooks/payments',
    audience: 'public',
    summary: 'For the payment provider: what became of a payment, signed over the bytes of the body',
    params: none,
    query: none,
    body: z.looseObject({ id: z.string(), type: z.string() }),
    rawBody: true,
    signature: 'Stripe-Signature',
    reply: PaymentEventReceipt,
    errors: ['signature_invalid', 'payment_unknown', 'payment_mismatch'],
  },
  'verify-certificate': {
    method: 'GET',
    path: '/certificates/{code}',
    audience: 'public',
    summary: 'Check a certificate by its code',
    params: certificate,
    query: none,
    reply: VerifiedCertificate,
    errors: ['certificate_unknown'],
  },
  'get-certificate-pdf': {
    method: 'GET',
    path: '/certificates/{code}/pdf',
    audience: 'public',
    summary: 'A certificate to print, with a QR code of the address that verifies it',
    params: certificate,
    query: none,
    reply: z.base64(),
    media: 'application/pdf',
    errors: ['certificate_unknown'],
  },
} as const satisfies Record<string, Operation>;
