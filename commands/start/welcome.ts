import type { School } from '../school.ts';

/** What `npm start` prints once the school runs: where it is, who to be, and calls to try. */
export async function welcome(school: School, engine: string, startedInMs: number): Promise<string> {
  const [student, admin] = await Promise.all([school.token('ben'), school.token('admin', ['admin'])]);
  const { url } = school;
  return `
Lockstep runs on ${engine}, up in ${(startedInMs / 1000).toFixed(1)} s

  Console   ${url}/console/
  API       ${url}
  OpenAPI   ${url}/openapi.json, to read and try out at ${url}/docs/
  GraphQL   ${school.graphqlUrl} (subscriptions: ${school.graphqlUrl.replace(/^http/, 'ws')}/realtime)
  Streams   ${url}/local/streams

Tokens, good for an hour (more: POST ${url}/local/token {"userId": "dora", "groups": ["student"]}; new people: POST ${url}/local/sign-up)

  STUDENT='${student}'

  ADMIN='${admin}'

Try, with those two lines pasted into a shell:

  curl -s -H "Authorization: Bearer $STUDENT" ${url}/me/dashboard
  curl -s -X PUT -H "Authorization: Bearer $STUDENT" ${url}/me/courses/heart/chapters/chambers/completion
  curl -s -H "Authorization: Bearer $STUDENT" ${url}/me/dashboard
  curl -s -H "Authorization: Bearer $ADMIN" ${url}/admin/dashboard

The second dashboard shows the new progress. Let in who asked, or buy a course (the reply's checkoutUrl is a page
to pay on; no money moves; the last two show a student's practice, and how the questions do):

  curl -s -H "Authorization: Bearer $ADMIN" ${url}/admin/requests
  curl -s -X PUT -H "Authorization: Bearer $ADMIN" ${url}/admin/students/cleo/requests/ethics/approval
  curl -s -X PUT -H "Authorization: Bearer $STUDENT" -H 'content-type: application/json' ${url}/me/payments/first \\
    -d '{"courseId": "imaging", "successUrl": "${url}/local", "cancelUrl": "${url}/local"}'
  curl -s -H "Authorization: Bearer $STUDENT" ${url}/me/courses/heart/qbank
  curl -s -H "Authorization: Bearer $ADMIN" ${url}/admin/courses/heart/questions

Stop with Ctrl+C.
`;
}
