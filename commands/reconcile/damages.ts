import type {
  AnalyticsRow,
  CertificateRow,
  EnrollmentRow,
  LedgerRow,
  NotificationRow,
  StudentProgressRow,
} from '../../shared/contracts/rows.ts';
import type { QbankRecordRow } from '../../shared/contracts/qbank-rows.ts';
import { bitmapWith, mergeBitmaps } from '../../shared/domain/qbank-bitmap.ts';
import type { Chance } from './chance.ts';

/**
 * What can be done to a derived row so that it is another one than its sources amount to. Each is told by name, and none
 * gives the row a new version: for its stream's consumers it is a row that they know.
 *
 * What nobody could tell from the truth is left out: a certificate that was never earned, a course's completion where
 * there was none, the name on a certificate, the versions of rows.
 */
export type Harm<Row> = readonly [name: string, change: (row: Row, chance: Chance) => Row | undefined];

const LATER_MS = 86_400_000;
/** A version that the source will not reach. */
const AHEAD = 1000;

function later(time: string): string {
  return new Date(Date.parse(time) + LATER_MS).toISOString();
}

function otherPercent(percent: number | null, chance: Chance): number {
  return ((percent ?? 0) + 1 + chance.draw(100)) % 101;
}

/** A record with another value at the one of its entries that `chance` picks. */
function atOne<Value>(
  record: Readonly<Record<string, Value>>,
  chance: Chance,
  change: (value: Value) => Value | undefined,
): Record<string, Value> | undefined {
  const [entry] = chance.some(Object.entries(record), 1);
  if (entry === undefined) return undefined;
  const next = change(entry[1]);
  return next === undefined ? undefined : { ...record, [entry[0]]: next };
}

/** A record without the one of its entries that `chance` picks. */
function withoutOne<Value>(
  record: Readonly<Record<string, Value>>,
  chance: Chance,
): Record<string, Value> | undefined {
  const [name] = chance.some(Object.keys(record), 1);
  if (name === undefined) return undefined;
  const { [name]: _gone, ...rest } = record;
  return rest;
}

export const PROGRESS_HARMS: readonly Harm<StudentProgressRow>[] = [
  [
    'another percentage',
    (row, chance) => ({ ...row, totalProgress: otherPercent(row.totalProgress, chance) }),
  ],
  ['other numbers of items', (row) => ({ ...row, completedItems: row.completedItems + 1, requiredItems: 1 })],
  [
    'without a chapter',
    (row, chance) => {
      const completedChapters = withoutOne(row.completedChapters, chance);
      return completedChapters && { ...row, completedChapters };
    },
  ],
  [
    'with a chapter nobody completed',
    (row) => ({
      ...row,
      completedChapters: { ...row.completedChapters, ghost: { version: 1, completedAt: row.updatedAt } },
    }),
  ],
  [
    'a chapter of a version ahead',
    (row, chance) => {
      const completedChapters = atOne(row.completedChapters, chance, ({ completedAt }) => ({
        version: AHEAD,
        completedAt: later(completedAt),
      }));
      return completedChapters && { ...row, completedChapters };
    },
  ],
  [
    'without a video',
    (row, chance) => {
      const watchedVideos = withoutOne(row.watchedVideos, chance);
      return watchedVideos && { ...row, watchedVideos };
    },
  ],
  [
    'other seconds of a video',
    (row, chance) => {
      const watchedVideos = atOne(row.watchedVideos, chance, (video) =>
        video.version === 0 ? undefined : { ...video, seconds: video.seconds + 7 },
      );
      return watchedVideos && { ...row, watchedVideos };
    },
  ],
  [
    'a video of a version ahead',
    (row, chance) => {
      const watchedVideos = atOne(row.watchedVideos, chance, (video) => ({
        ...video,
        version: AHEAD,
        seconds: 1,
      }));
      return watchedVideos && { ...row, watchedVideos };
    },
  ],
  [
    'without a quiz',
    (row, chance) => {
      const quizAttempts = withoutOne(row.quizAttempts, chance);
      return quizAttempts && { ...row, quizAttempts };
    },
  ],
  [
    'with an attempt nobody made',
    (row) => ({
      ...row,
      quizAttempts: { ...row.quizAttempts, quiz: { ...row.quizAttempts.quiz, 9: { version: 1, score: 1 } } },
    }),
  ],
  [
    'another score',
    (row, chance) => {
      const quizAttempts = atOne(row.quizAttempts, chance, (attempts) =>
        atOne(attempts, chance, ({ version, score }) => ({ version, score: score === 0 ? 1 : 0 })),
      );
      return quizAttempts && { ...row, quizAttempts };
    },
  ],
  [
    'without its waivers',
    (row) => (Object.keys(row.waivedItems).length === 0 ? undefined : { ...row, waivedItems: {} }),
  ],
  [
    'without its answers',
    (row) => (row.answeredQuestions === '' ? undefined : { ...row, answeredQuestions: '' }),
  ],
  [
    'with an answer nobody gave',
    (row) => ({ ...row, answeredQuestions: mergeBitmaps(row.answeredQuestions, bitmapWith([999])) }),
  ],
];

/** Only what is derived; where both rows of a learner lose their time of completion, the certificate has it. */
export const ENROLLMENT_HARMS: readonly Harm<EnrollmentRow>[] = [
  ['another percentage', (row, chance) => ({ ...row, progress: otherPercent(row.progress, chance) })],
  ['no percentage', (row) => (row.progress === null ? undefined : { ...row, progress: null })],
  ['attempted or not', (row) => ({ ...row, attempted: !row.attempted })],
  [
    // Who was complete once and is no more may be either.
    'completed without being so',
    (row) =>
      row.status !== 'active' || row.completedAt !== undefined ? undefined : { ...row, status: 'completed' },
  ],
];

export const RECORD_HARMS: readonly Harm<QbankRecordRow>[] = [
  ['more tests', (row) => ({ ...row, tests: row.tests + 1 })],
  ['other answers', (row) => ({ ...row, firstAnswers: row.firstAnswers + 3, firstRight: 0 })],
  ['nothing seen', (row) => (row.seen === '' ? undefined : { ...row, seen: '' })],
  ['solved what nobody solved', (row) => ({ ...row, solved: mergeBitmaps(row.solved, bitmapWith([999])) })],
];

/** Later, never earlier: what was earned first is what counts where no two rows agree. */
export const CERTIFICATE_HARMS: readonly Harm<CertificateRow>[] = [
  ['another time of completion', (row) => ({ ...row, completedAt: later(row.completedAt) })],
];

export const NOTIFICATION_HARMS: readonly Harm<NotificationRow>[] = [
  [
    'other details',
    (row) =>
      row.kind === 'progress_lowered'
        ? { ...row, details: { ...row.details, from: 100, to: 1 } }
        : { ...row, details: { ...row.details, code: '0' } },
  ],
  ['another time', (row) => ({ ...row, createdAt: later(row.createdAt) })],
  ['stays for longer', (row) => ({ ...row, expiresAt: row.expiresAt + 86_400 })],
];

export const LEDGER_HARMS: readonly Harm<LedgerRow>[] = [
  [
    'another number',
    (row, chance) => {
      const contribution = atOne(row.contribution, chance, (metrics) =>
        atOne(metrics, chance, (value) => value + 1 + chance.draw(5)),
      );
      return contribution && { ...row, contribution };
    },
  ],
  [
    'without a number',
    (row, chance) => {
      const contribution = atOne(row.contribution, chance, (metrics) => withoutOne(metrics, chance));
      return contribution && { ...row, contribution };
    },
  ],
  [
    'nothing contributed',
    (row) => (Object.keys(row.contribution).length === 0 ? undefined : { ...row, contribution: {} }),
  ],
  ['a version ahead', (row) => ({ ...row, sourceVersion: row.sourceVersion + AHEAD })],
];

const NOT_METRICS = new Set(['scope', 'part', 'version', 'updatedAt', 'causedBy', 'causedAt', 'cut']);

/** The metrics of a shard. */
export function metricsOf(row: AnalyticsRow): Record<string, number> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([metric, value]) =>
      typeof value === 'number' && !NOT_METRICS.has(metric) ? [[metric, value] as const] : [],
    ),
  );
}

export const SHARD_HARMS: readonly Harm<AnalyticsRow>[] = [
  [
    'another sum',
    (row, chance) => {
      const metrics = atOne(metricsOf(row), chance, (value) => value + 1 + chance.draw(9));
      return metrics && { ...row, ...metrics };
    },
  ],
  [
    'less than nothing',
    (row, chance) => {
      const metrics = atOne(metricsOf(row), chance, (value) => -value - 1);
      return metrics && { ...row, ...metrics };
    },
  ],
  ['with a sum of nothing', (row) => ({ ...row, ghosts: 3 })],
];
