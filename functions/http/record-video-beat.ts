import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { VideoBeat } from '../../shared/contracts/requests.ts';
import type { VideoProgressRow } from '../../shared/contracts/rows.ts';
import type { VideoStanding } from '../../shared/contracts/studying.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { clip, measure, subtract, union } from '../../shared/domain/intervals.ts';
import { findItem } from '../../shared/domain/outline.ts';
import { nextStamp } from '../../shared/domain/stamp.ts';
import {
  acceptBeat,
  endsWhere,
  videoComplete,
  videoPercent,
  watchedSeconds,
} from '../../shared/domain/video.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { type Named, videoKey } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { readRows } from '../../shared/store/reads.ts';
import { courseRow, enrollmentRow, videoRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { studyOf } from '../../shared/store/study.ts';
import { asRead, commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'enrollments', 'videoProgress'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * Adds what the caller has played of a video to what was played before, on whatever device.
 *
 * Requests: BatchGet of course, enrollment and video; BatchGet of an outline not seen yet; Put, unless the beat
 * tells nothing new.
 */
export function recordVideoBeat({ documents, tables, outlines }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId, videoId },
    body: beat,
    cause,
    now,
  }: Call<(typeof operations)['record-video-beat']>): Promise<VideoStanding> =>
    settle(async () => {
      const [course, enrollment, row] = await readRows(documents, [
        courseRow(tables, courseId),
        enrollmentRow(tables, userId, courseId),
        videoRow(tables, userId, courseId, videoId),
      ]);
      const study = await studyOf(outlines, courseId, course, enrollment);
      const { durationSeconds } = findItem(study.outline, videoId, 'video');
      // The last beat, sent again by the client or by us: it must not be given more because time has passed since.
      if (row !== undefined && row.causedBy === cause.causedBy) {
        if (!endsWhere(row, beat)) {
          throw new DomainError('key_reused', 'The Idempotency-Key was that of another beat', { videoId });
        }
        return standing(row, durationSeconds, cutBefore(row, beat, durationSeconds));
      }
      const at = now.toISOString();
      const { enrolledAt } = study.enrollment;
      const accepted = acceptBeat(row, beat, { durationSeconds, enrolledAt, now: at });
      const { cutSeconds, changed, ...memory } = accepted;
      const next = {
        ...row,
        ...videoKey(userId, courseId, videoId),
        courseId,
        videoId,
        ...memory,
        ...nextStamp(row, at, cause),
      };
      if (changed) {
        const when = asRead(row, 'userId');
        await commit(documents, [{ kind: 'put', table: tables.videoProgress, item: next, when }]);
      }
      return standing(changed ? next : { ...next, version: row?.version ?? 0 }, durationSeconds, cutSeconds);
    });
}

function standing(
  row: Pick<VideoProgressRow, 'videoId' | 'intervals' | 'positionSeconds' | 'version'>,
  durationSeconds: number,
  cutSeconds: number,
): VideoStanding {
  const watched = watchedSeconds(row.intervals, durationSeconds);
  return {
    videoId: row.videoId,
    intervals: row.intervals,
    watchedSeconds: watched,
    percent: videoPercent(watched, durationSeconds),
    completed: videoComplete(watched, durationSeconds),
    positionSeconds: row.positionSeconds,
    cutSeconds,
    version: row.version,
  };
}

/** What the last beat claimed and did not get is what its row lacks of it. */
function cutBefore(row: VideoProgressRow, beat: VideoBeat, durationSeconds: number): number {
  const claim = clip(union(beat.intervals ?? [], []), durationSeconds);
  return measure(subtract(claim, row.intervals));
}
