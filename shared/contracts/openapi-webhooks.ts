import type * as z from 'zod';
import type { Json } from './openapi-schemas.ts';
import type { AdminChange, StudentChange } from './publish.ts';
import { onAdminChange, onStudentChange } from './topics.ts';

/** On the tag that they have in the document. */
export const WEBHOOKS_TAG = {
  name: 'Events',
  description:
    'What is pushed to pages by subscription as soon as it happened, and what the payment provider sends here.',
};

const SUBSCRIBING = `Pushed by AppSync over a web socket, not by a request to an address: no page has to be reachable.

1. Open a web socket to the real-time address of the GraphQL API (\`wss://...appsync-realtime-api.../graphql\`; on a local stack \`ws://.../graphql/realtime\`) with the subprotocol \`graphql-ws\`, and a second subprotocol \`header-\` followed by base64url of \`{"host": ..., "Authorization": <access token>}\`.
2. Send \`{"type": "connection_init"}\` and wait for \`connection_ack\`, which tells how long a silence may be.
3. Send \`{"id": ..., "type": "start", "payload": {"data": <JSON of query and variables>, "extensions": {"authorization": {...}}}}\` with the query below, and wait for \`start_ack\`.
4. Each event comes as \`{"type": "data", "id": ..., "payload": {"data": {...}}}\`.

AWS Amplify's client speaks this, and so does \`shared/client\`, which also loads the view, applies events by version and falls back to polling. An event may come late, twice or never: take a row only in a newer version than the one at hand, and ask for the view again (If-None-Match) after a reconnection.`;

const student: z.input<typeof StudentChange> = {
  userId: 'ben',
  eventId: 'fe3a0232df76b658afe8017fd2030b13',
  at: '2026-11-23T02:13:23.132Z',
  views: ['StudentProgress', 'StudentCourseDetail', 'StudentDashboard', 'StudentCourses'],
  rows: [
    {
      table: 'studentProgress',
      key: 'ben#heart',
      version: 9,
      removed: false,
      causedBy: 'xFRjuB9UVB0hnz4=',
      causedAt: '2026-11-23T02:13:22.973Z',
      values:
        '{"totalProgress":100,"completedItems":4,"requiredItems":4,"completedAt":"2026-11-23T02:13:22.973Z","waivers.valves-text.waived":true}',
    },
  ],
};

const admin: z.input<typeof AdminChange> = {
  topic: 'admin',
  eventId: 'c72cde9d085d5fb6498d9490594f9e4c',
  at: '2026-11-23T02:13:22.582Z',
  views: ['AdminStudents'],
  rows: [
    {
      table: 'enrollments',
      key: 'ben#heart',
      version: 4,
      removed: false,
      causedBy: '75U3flsm2VtZpCY=',
      causedAt: '2026-11-23T02:13:22.530Z',
      values:
        '{"status":"active","source":"direct","progress":40,"enrolledAt":"2026-11-23T02:13:18.857Z","cancelledAt":null,"completedAt":null}',
    },
  ],
};

/** OpenAPI 3.1 `webhooks`: what reaches clients, or this school, without their asking. */
export function webhooks(paymentsPath: string): Readonly<Record<string, Json>> {
  return {
    StudentChange: {
      post: pushed({
        name: 'on-student-change',
        summary: "Rows of a student changed that the student's views show",
        who: 'Students may listen to their own topic, admins to any.',
        query: onStudentChange,
        schema: 'StudentChange',
        example: student,
      }),
    },
    AdminChange: {
      post: pushed({
        name: 'on-admin-change',
        summary: "Rows changed that the admins' views show",
        who: 'Only the group `admin` may listen.',
        query: onAdminChange,
        schema: 'AdminChange',
        example: admin,
      }),
    },
    // The one that comes in: the provider is told this address, and the path describes what it sends.
    PaymentEvent: { $ref: `#/paths/${paymentsPath.replaceAll('~', '~0').replaceAll('/', '~1')}` },
  };
}

function pushed(event: {
  readonly name: string;
  readonly summary: string;
  readonly who: string;
  readonly query: string;
  readonly schema: string;
  readonly example: unknown;
}): Json {
  return {
    operationId: event.name,
    tags: [WEBHOOKS_TAG.name],
    summary: event.summary,
    description: `${event.who} ${SUBSCRIBING}\n\n\`\`\`graphql\n${event.query}\n\`\`\``,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${event.schema}` },
          example: event.example,
        },
      },
    },
    responses: { default: { description: 'Nothing is answered: whoever was away loads the view again.' } },
  };
}
