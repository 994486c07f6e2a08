import type * as z from 'zod';
import type { FailureView } from '../failures.ts';
import type { failureOperations } from '../failure-operations.ts';
import type { Examples } from './example.ts';

const NEWEST: z.input<typeof FailureView> = {
  failureId: 'Y2hhcHRlckNvbXBsZXRpb25zIzc0OTRmZjFiMWU5YmE3OGY4NDBiNDZkOThlZmE2ZWE1I3Byb2plY3QtcHJvZ3Jlc3M',
  table: 'chapterCompletions',
  consumer: 'project-progress',
  reason: 'malformed: version invalid_type',
  setAsideAt: '2026-11-23T02:13:42.479Z',
  status: 'waiting',
  version: 1,
};

const OTHER: z.input<typeof FailureView> = {
  failureId: 'Y2hhcHRlckNvbXBsZXRpb25zIzE5ZTE4ZDE3ZjdhMzdlOGE3MjMxZmMwNzdhMzcxNTczI3Byb2plY3QtcHJvZ3Jlc3M',
  table: 'chapterCompletions',
  consumer: 'project-progress',
  reason: 'malformed: version invalid_type',
  setAsideAt: '2026-11-23T02:13:42.311Z',
  status: 'waiting',
  version: 1,
};

/** What an admin does about records that could not be processed. */
export const FAILURE_EXAMPLES: Examples<typeof failureOperations> = {
  'get-failures': {
    story: 'The admin looks what could not be processed.',
    by: 'admin',
    query: { consumer: 'project-progress' },
    reply: { failures: [NEWEST, OTHER] },
  },
  'get-failure': {
    story: 'The admin looks at the newest.',
    by: 'admin',
    params: {
      failureId:
        'Y2hhcHRlckNvbXBsZXRpb25zIzc0OTRmZjFiMWU5YmE3OGY4NDBiNDZkOThlZmE2ZWE1I3Byb2plY3QtcHJvZ3Jlc3M',
    },
    follows: { operation: 'get-failures', params: { failureId: '/failures/0/failureId' } },
    reply: {
      ...NEWEST,
      record: {
        eventID: '7494ff1b1e9ba78f840b46d98efa6ea5',
        eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/chapterCompletions/stream/local',
        dynamodb: {
          SequenceNumber: '000000000000000000005',
          NewImage: {
            updatedAt: { S: '2026-01-01T00:00:00.000Z' },
            completion: { S: 'heart#old-two' },
            courseId: { S: 'heart' },
            causedAt: { S: '2026-01-01T00:00:00.000Z' },
            causedBy: { S: 'import' },
            completedAt: { S: '2026-01-01T00:00:00.000Z' },
            version: { S: 'one' },
            userId: { S: 'ben' },
            chapterId: { S: 'old-two' },
          },
          ApproximateCreationDateTime: 1795400175,
          Keys: { completion: { S: 'heart#old-two' }, userId: { S: 'ben' } },
          SizeBytes: 351,
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
      },
    },
  },
  'redrive-failure': {
    story: 'The row is mended: the admin has it processed.',
    by: 'admin',
    params: {
      failureId:
        'Y2hhcHRlckNvbXBsZXRpb25zIzc0OTRmZjFiMWU5YmE3OGY4NDBiNDZkOThlZmE2ZWE1I3Byb2plY3QtcHJvZ3Jlc3M',
    },
    follows: { operation: 'get-failures', params: { failureId: '/failures/0/failureId' } },
    reply: {
      failureId:
        'Y2hhcHRlckNvbXBsZXRpb25zIzc0OTRmZjFiMWU5YmE3OGY4NDBiNDZkOThlZmE2ZWE1I3Byb2plY3QtcHJvZ3Jlc3M',
      table: 'chapterCompletions',
      consumer: 'project-progress',
      reason: 'malformed: version invalid_type',
      setAsideAt: '2026-11-23T02:13:42.479Z',
      status: 'redriven',
      settledAt: '2026-11-23T02:13:43.853Z',
      settledBy: 'admin',
      version: 2,
    },
  },
  'redrive-failures': {
    story: 'The admin has everything of one consumer processed again.',
    by: 'admin',
    query: { consumer: 'aggregate-analytics', limit: 10 },
    reply: {
      redriven: [
        {
          failureId:
            'Y2hhcHRlckNvbXBsZXRpb25zIzc0OTRmZjFiMWU5YmE3OGY4NDBiNDZkOThlZmE2ZWE1I2FnZ3JlZ2F0ZS1hbmFseXRpY3M',
          table: 'chapterCompletions',
          consumer: 'aggregate-analytics',
          reason: 'malformed: version invalid_type',
          setAsideAt: '2026-11-23T02:13:42.483Z',
          status: 'redriven',
          settledAt: '2026-11-23T02:13:44.843Z',
          settledBy: 'admin',
          version: 2,
        },
        {
          failureId:
            'Y2hhcHRlckNvbXBsZXRpb25zIzE5ZTE4ZDE3ZjdhMzdlOGE3MjMxZmMwNzdhMzcxNTczI2FnZ3JlZ2F0ZS1hbmFseXRpY3M',
          table: 'chapterCompletions',
          consumer: 'aggregate-analytics',
          reason: 'malformed: version invalid_type',
          setAsideAt: '2026-11-23T02:13:42.313Z',
          status: 'redriven',
          settledAt: '2026-11-23T02:13:44.843Z',
          settledBy: 'admin',
          version: 2,
        },
      ],
      left: [],
    },
  },
  'drop-failure': {
    story: 'The admin lets the other one be.',
    by: 'admin',
    params: {
      failureId:
        'Y2hhcHRlckNvbXBsZXRpb25zIzE5ZTE4ZDE3ZjdhMzdlOGE3MjMxZmMwNzdhMzcxNTczI3Byb2plY3QtcHJvZ3Jlc3M',
    },
    body: { reason: 'The row is of a course that was never taught.' },
    follows: { operation: 'get-failures', params: { failureId: '/failures/1/failureId' } },
    reply: {
      failureId:
        'Y2hhcHRlckNvbXBsZXRpb25zIzE5ZTE4ZDE3ZjdhMzdlOGE3MjMxZmMwNzdhMzcxNTczI3Byb2plY3QtcHJvZ3Jlc3M',
      table: 'chapterCompletions',
      consumer: 'project-progress',
      reason: 'malformed: version invalid_type',
      setAsideAt: '2026-11-23T02:13:42.311Z',
      status: 'dropped',
      settledAt: '2026-11-23T02:13:44.478Z',
      settledBy: 'admin',
      note: 'The row is of a course that was never taught.',
      version: 2,
    },
  },
};
