import { createApiClient, type ApiClient, ApiError } from '../../shared/client/api.ts';
import { routes } from '../../shared/client/routes.ts';
import { operations, type OperationName } from '../../shared/contracts/api.ts';
import type { CourseId } from '../../shared/domain/ids.ts';
import { createHttpHandler, createPublicHandler, type HttpHandler } from '../../shared/runtime/http-edge.ts';
import { createFileHandler } from '../../shared/runtime/file-edge.ts';
import { createStripeProvider, type StripeOptions } from '../../shared/payments/stripe-provider.ts';
import { createDeliveryHandler } from '../../shared/runtime/delivery-edge.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import { STATUS_OF } from '../../shared/runtime/problem.ts';
import { createOutlines } from '../../shared/store/outlines.ts';
import { approveRequest } from '../../functions/http/approve-request.ts';
import { getAdminRequests } from '../../functions/http/get-admin-requests.ts';
import { rejectRequest } from '../../functions/http/reject-request.ts';
import { requestAccess } from '../../functions/http/request-access.ts';
import { waiveItem } from '../../functions/http/waive-item.ts';
import { withdrawRequest } from '../../functions/http/withdraw-request.ts';
import { withdrawWaiver } from '../../functions/http/withdraw-waiver.ts';
import { getAdminStudent } from '../../functions/http/get-admin-student.ts';
import { getStudentProfile } from '../../functions/http/get-student-profile.ts';
import { putStudentProfile } from '../../functions/http/put-student-profile.ts';
import { getPayments } from '../../functions/http/get-payments.ts';
import { receivePaymentEvent } from '../../functions/http/receive-payment-event.ts';
import { startCheckout } from '../../functions/http/start-checkout.ts';
import { getNotifications } from '../../functions/http/get-notifications.ts';
import { readNotification } from '../../functions/http/read-notification.ts';
import { readNotifications } from '../../functions/http/read-notifications.ts';
import { completeChapter } from '../../functions/http/complete-chapter.ts';
import { getSyncHealth } from '../../functions/http/get-sync-health.ts';
import { explainAggregate } from '../../functions/http/explain-aggregate.ts';
import { explainProgress } from '../../functions/http/explain-progress.ts';
import { dropFailure } from '../../functions/http/drop-failure.ts';
import { getFailure } from '../../functions/http/get-failure.ts';
import { getFailures } from '../../functions/http/get-failures.ts';
import { redriveFailure } from '../../functions/http/redrive-failure.ts';
import { redriveFailures } from '../../functions/http/redrive-failures.ts';
import { describeApi } from '../../functions/http/describe-api.ts';
import { enrollDirectly } from '../../functions/http/enroll-directly.ts';
import { enrollStudent } from '../../functions/http/enroll-student.ts';
import { getAdminAnalytics } from '../../functions/http/get-admin-analytics.ts';
import { getAdminDashboard } from '../../functions/http/get-admin-dashboard.ts';
import { getAdminStudents } from '../../functions/http/get-admin-students.ts';
import { getCertificatePdf } from '../../functions/http/get-certificate-pdf.ts';
import { getCourse } from '../../functions/http/get-course.ts';
import { getStudentCourseDetail } from '../../functions/http/get-student-course-detail.ts';
import { getStudentCourses } from '../../functions/http/get-student-courses.ts';
import { getStudentDashboard } from '../../functions/http/get-student-dashboard.ts';
import { getStudentProgress } from '../../functions/http/get-student-progress.ts';
import { markQuizAttempt } from '../../functions/http/mark-quiz-attempt.ts';
import { previewCourse } from '../../functions/http/preview-course.ts';
import { putCourse } from '../../functions/http/put-course.ts';
import { recordVideoBeat } from '../../functions/http/record-video-beat.ts';
import { setCourseStatus } from '../../functions/http/set-course-status.ts';
import { submitQuizAttempt } from '../../functions/http/submit-quiz-attempt.ts';
import { unenroll } from '../../functions/http/unenroll.ts';
import { unenrollStudent } from '../../functions/http/unenroll-student.ts';
import { verifyCertificate } from '../../functions/http/verify-certificate.ts';
import { putQuestion } from '../../functions/http/put-question.ts';
import { importQuestions } from '../../functions/http/import-questions.ts';
import { getQuestion } from '../../functions/http/get-question.ts';
import { voidQuestion } from '../../functions/http/void-question.ts';
import { validateQuestion } from '../../functions/http/validate-question.ts';
import { getQuestionTable } from '../../functions/http/get-question-table.ts';
import { getJob } from '../../functions/http/get-job.ts';
import { getJobs } from '../../functions/http/get-jobs.ts';
import { startJob } from '../../functions/http/start-job.ts';
import { stopJob } from '../../functions/http/stop-job.ts';
import { getStudentQbank } from '../../functions/http/get-student-qbank.ts';
import { startTest } from '../../functions/http/start-test.ts';
import { getTest } from '../../functions/http/get-test.ts';
import { openTest } from '../../functions/http/open-test.ts';
import { answerQuestion } from '../../functions/http/answer-question.ts';
import { submitTest } from '../../functions/http/submit-test.ts';
import { createQuestionVersions } from '../../shared/store/question-versions.ts';
import { type Table, TABLES } from '../../shared/store/keys.ts';
import type { Database } from '../support/database.ts';
import type { Fault } from '../support/faults.ts';
import { UNREACHABLE_STRIPE } from '../support/stripe.ts';
import { certificatePrinter } from '../support/pdf.ts';
import { description, expectInContract, ISSUER } from '../support/contract.ts';

export const SHARDS = 2;

/** Draws the last of what is left, so that a test knows which questions it gets. */
const draw = (below: number) => below - 1;

/** Every operation over the tables of a test, behind the edge and called with the HTTP client; no sockets. */
export interface HttpSchool {
  readonly db: Database;
  /** The time of the next calls. */
  now: Date;
  /** Lets seconds pass. */
  pass(seconds: number): void;
  student(userId: string): ApiClient;
  readonly admin: ApiClient;
  /** Any request, as its bytes. */
  send(request: RawRequest): Promise<RawReply>;
  courseId(id: string): CourseId;
}

export interface RawReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Undefined where there is no body, or one that is a file. */
  readonly json: unknown;
  /** The content of a file. */
  readonly file?: Buffer;
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Whether the body is in base 64. */
  readonly isBase64Encoded?: boolean;
  readonly headers?: Record<string, string>;
  /** Who calls; `admin:` in front makes an admin; nobody when left out. */
  readonly caller?: string;
}

export function httpSchool(db: Database, stripe: StripeOptions = UNREACHABLE_STRIPE): HttpSchool {
  // Made before calls are in flight, which must not wait for it.
  description();
  const { documents, tables } = db;
  const given = {
    documents,
    tables,
    outlines: createOutlines(documents, tables),
    versions: createQuestionVersions(documents, tables),
    shards: SHARDS,
  };
  const edge = { logger: silentLog, clock: () => school.now };
  const handlers: Record<OperationName, HttpHandler> = {
    'describe-api': createPublicHandler(
      operations['describe-api'],
      describeApi({ statusOf: (code) => STATUS_OF[code], issuer: ISSUER }),
      edge,
    ),
    'receive-payment-event': createDeliveryHandler(
      operations['receive-payment-event'],
      receivePaymentEvent({ ...given, provider: createStripeProvider(stripe) }),
      edge,
    ),
    'start-checkout': createHttpHandler(
      operations['start-checkout'],
      startCheckout({ ...given, provider: createStripeProvider(stripe) }),
      edge,
    ),
    'get-payments': createHttpHandler(operations['get-payments'], getPayments(given), edge),
    'verify-certificate': createPublicHandler(
      operations['verify-certificate'],
      verifyCertificate(given),
      edge,
    ),
    'get-certificate-pdf': createFileHandler(
      operations['get-certificate-pdf'],
      getCertificatePdf({ ...given, printer: () => Promise.resolve(certificatePrinter) }),
      edge,
    ),
    'get-student-dashboard': createHttpHandler(
      operations['get-student-dashboard'],
      getStudentDashboard(given),
      edge,
    ),
    'get-student-courses': createHttpHandler(
      operations['get-student-courses'],
      getStudentCourses(given),
      edge,
    ),
    'get-student-progress': createHttpHandler(
      operations['get-student-progress'],
      getStudentProgress(given),
      edge,
    ),
    'get-student-course-detail': createHttpHandler(
      operations['get-student-course-detail'],
      getStudentCourseDetail(given),
      edge,
    ),
    'enroll-directly': createHttpHandler(operations['enroll-directly'], enrollDirectly(given), edge),
    unenroll: createHttpHandler(operations.unenroll, unenroll(given), edge),
    'complete-chapter': createHttpHandler(operations['complete-chapter'], completeChapter(given), edge),
    'record-video-beat': createHttpHandler(operations['record-video-beat'], recordVideoBeat(given), edge),
    'submit-quiz-attempt': createHttpHandler(
      operations['submit-quiz-attempt'],
      submitQuizAttempt(given),
      edge,
    ),
    'put-course': createHttpHandler(operations['put-course'], putCourse(given), edge),
    'get-course': createHttpHandler(operations['get-course'], getCourse(given), edge),
    'preview-course': createHttpHandler(operations['preview-course'], previewCourse(given), edge),
    'set-course-status': createHttpHandler(operations['set-course-status'], setCourseStatus(given), edge),
    'get-admin-dashboard': createHttpHandler(
      operations['get-admin-dashboard'],
      getAdminDashboard(given),
      edge,
    ),
    'get-admin-analytics': createHttpHandler(
      operations['get-admin-analytics'],
      getAdminAnalytics(given),
      edge,
    ),
    'get-admin-students': createHttpHandler(operations['get-admin-students'], getAdminStudents(given), edge),
    'enroll-student': createHttpHandler(operations['enroll-student'], enrollStudent(given), edge),
    'unenroll-student': createHttpHandler(operations['unenroll-student'], unenrollStudent(given), edge),
    'approve-request': createHttpHandler(operations['approve-request'], approveRequest(given), edge),
    'get-admin-requests': createHttpHandler(operations['get-admin-requests'], getAdminRequests(given), edge),
    'reject-request': createHttpHandler(operations['reject-request'], rejectRequest(given), edge),
    'request-access': createHttpHandler(operations['request-access'], requestAccess(given), edge),
    'waive-item': createHttpHandler(operations['waive-item'], waiveItem(given), edge),
    'withdraw-request': createHttpHandler(operations['withdraw-request'], withdrawRequest(given), edge),
    'withdraw-waiver': createHttpHandler(operations['withdraw-waiver'], withdrawWaiver(given), edge),
    'get-admin-student': createHttpHandler(operations['get-admin-student'], getAdminStudent(given), edge),
    'get-student-profile': createHttpHandler(
      operations['get-student-profile'],
      getStudentProfile(given),
      edge,
    ),
    'put-student-profile': createHttpHandler(
      operations['put-student-profile'],
      putStudentProfile(given),
      edge,
    ),
    'get-notifications': createHttpHandler(operations['get-notifications'], getNotifications(given), edge),
    'read-notification': createHttpHandler(operations['read-notification'], readNotification(given), edge),
    'read-notifications': createHttpHandler(operations['read-notifications'], readNotifications(given), edge),
    'get-student-qbank': createHttpHandler(operations['get-student-qbank'], getStudentQbank(given), edge),
    'start-test': createHttpHandler(operations['start-test'], startTest({ ...given, draw }), edge),
    'get-test': createHttpHandler(operations['get-test'], getTest(given), edge),
    'open-test': createHttpHandler(operations['open-test'], openTest(given), edge),
    'answer-question': createHttpHandler(operations['answer-question'], answerQuestion(given), edge),
    'submit-test': createHttpHandler(operations['submit-test'], submitTest(given), edge),
    'put-question': createHttpHandler(operations['put-question'], putQuestion(given), edge),
    'import-questions': createHttpHandler(operations['import-questions'], importQuestions(given), edge),
    'get-question': createHttpHandler(operations['get-question'], getQuestion(given), edge),
    'void-question': createHttpHandler(operations['void-question'], voidQuestion(given), edge),
    'validate-question': createHttpHandler(operations['validate-question'], validateQuestion(given), edge),
    'get-question-table': createHttpHandler(operations['get-question-table'], getQuestionTable(given), edge),
    'get-jobs': createHttpHandler(operations['get-jobs'], getJobs(given), edge),
    'get-job': createHttpHandler(operations['get-job'], getJob(given), edge),
    'start-job': createHttpHandler(operations['start-job'], startJob(given), edge),
    'stop-job': createHttpHandler(operations['stop-job'], stopJob(given), edge),
    'get-failures': createHttpHandler(operations['get-failures'], getFailures(given), edge),
    'get-failure': createHttpHandler(operations['get-failure'], getFailure(given), edge),
    'redrive-failure': createHttpHandler(operations['redrive-failure'], redriveFailure(given), edge),
    'redrive-failures': createHttpHandler(operations['redrive-failures'], redriveFailures(given), edge),
    'drop-failure': createHttpHandler(operations['drop-failure'], dropFailure(given), edge),
    'get-sync-health': createHttpHandler(operations['get-sync-health'], getSyncHealth(given), edge),
    'explain-progress': createHttpHandler(operations['explain-progress'], explainProgress(given), edge),
    'explain-aggregate': createHttpHandler(operations['explain-aggregate'], explainAggregate(given), edge),
    'mark-quiz-attempt': createHttpHandler(operations['mark-quiz-attempt'], markQuizAttempt(given), edge),
  };

  let requests = 0;
  async function send({ method, path, body, isBase64Encoded = false, headers = {}, caller }: RawRequest) {
    const url = new URL(path, 'http://school.test');
    const [name, pathParameters] = route(method, url.pathname);
    requests += 1;
    const admin = caller?.startsWith('admin:') === true;
    const sub = caller?.replace('admin:', '');
    const claims = { sub, token_use: 'access', 'cognito:groups': admin ? '[admin]' : '[student]' };
    const reply = await handlers[name]({
      headers,
      rawPath: url.pathname,
      ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
      ...(url.search !== '' && { queryStringParameters: Object.fromEntries(url.searchParams) }),
      ...(body !== undefined && { body, isBase64Encoded }),
      requestContext: {
        requestId: `request-${requests}`,
        domainName: url.hostname,
        ...(sub !== undefined && { authorizer: { jwt: { claims } } }),
      },
    });
    const answer = { status: reply.statusCode, headers: { ...reply.headers } };
    const inText = reply.body !== undefined && reply.isBase64Encoded !== true;
    const json = inText ? (JSON.parse(reply.body) as unknown) : undefined;
    const { 'content-type': type, 'x-request-id': requestId } = reply.headers;
    expectInContract({ method, path, status: answer.status, type, requestId, json });
    if (reply.body === undefined || inText) return { ...answer, json };
    return { ...answer, json, file: Buffer.from(reply.body, 'base64') };
  }

  function clientOf(caller: string): ApiClient {
    return createApiClient({
      url: 'http://school.test/',
      token: caller,
      fetch: async (address, init) => {
        const headers = Object.fromEntries(new Headers(init?.headers));
        const {
          status,
          json,
          headers: sent,
        } = await send({
          method: init?.method ?? 'GET',
          path: String(address).slice('http://school.test'.length),
          headers,
          caller: headers.authorization?.replace('Bearer ', '') ?? '',
          ...(typeof init?.body === 'string' && { body: init.body }),
        });
        return new Response(json === undefined ? null : JSON.stringify(json), { status, headers: sent });
      },
    });
  }

  const school: HttpSchool = {
    db,
    now: new Date('2026-11-22T10:00:00.000Z'),
    pass: (seconds) => {
      school.now = new Date(school.now.getTime() + seconds * 1000);
    },
    student: clientOf,
    admin: clientOf('admin:the-admin'),
    send,
    courseId: (id) => id as CourseId,
  };
  return school;
}

function route(method: string, path: string): [OperationName, Record<string, string>] {
  for (const [name, [routeMethod, routePath]] of Object.entries(routes)) {
    const pattern = new RegExp(`^${routePath.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    const match = method === routeMethod ? pattern.exec(path) : null;
    if (match === null) continue;
    const groups = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
    return [name as OperationName, Object.fromEntries(groups)];
  }
  throw new Error(`No route for ${method} ${path}`);
}

/** Makes the first request of a name fail, counted from now. */
export function failFirst(db: Database, name: string, fault: Fault): void {
  db.faults.clear();
  db.faults.plan((request) => (request.name === name && request.count === 1 ? fault : undefined));
}

/** Holds back the next request of a name, so that a test can let something else happen between a read and a write. */
export function holdNext(db: Database, name: string): { reached: Promise<void>; release: () => void } {
  let reach: () => void = () => undefined;
  let release: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let held = false;
  db.documents.middlewareStack.add(
    (next, context) => async (args) => {
      if (!held && context.commandName === `${name}Command`) {
        held = true;
        reach();
        await released;
      }
      return next(args);
    },
    { step: 'initialize' },
  );
  return { reached, release: () => release() };
}

/** Names of the requests that the database has got since the last `clear` or `failFirst`. */
export function sent(db: Database): string[] {
  return db.faults.requests.map((request) => request.name);
}

/** The code a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error.problem.code ?? String(error.status);
    throw error;
  }
  return undefined;
}

/** The tables that streams write. */
const DERIVED: readonly Table[] = [
  'ledger',
  'analytics',
  'qbankQuestionStatistics',
  'certificates',
  'failures',
];

/** All rows of all tables that commands write: equal before and after means that nothing was written. */
export async function written(db: Database): Promise<unknown> {
  const tables = TABLES.filter((table) => !DERIVED.includes(table));
  return Promise.all(tables.map(async (table) => (await db.rows(table)).map(textOf).sort()));
}

/** The engine gives attributes in any order. */
function textOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
