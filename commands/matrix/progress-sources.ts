import * as act from './actions.ts';
import type { Learner } from './lab.ts';
import type { Source, Target } from './prove-row.ts';
import * as at from './targets.ts';

/** Sections 2, 4 and 5, and the part of section 7 that is about studying. */

// Four items of equal weight: a reading, a video, two quizzes.
const ONE_ITEM = 25;
const HALF_A_VIDEO = 12;

interface Deed {
  /** What was done before. */
  readonly before?: (learner: Learner) => Promise<void>;
  readonly does: (learner: Learner) => Promise<void>;
  /** The percentage it brings the learner to. */
  readonly brings: number;
}

const DEEDS = {
  chapter: { does: (learner) => act.completeChapter('read', learner), brings: ONE_ITEM },
  videoPart: { does: (learner) => act.watch(5, learner), brings: HALF_A_VIDEO },
  video: {
    before: (learner) => act.watch(5, learner),
    does: (learner) => act.watch(9, learner),
    brings: ONE_ITEM,
  },
  videoChapter: { does: (learner) => act.completeChapter('watch', learner), brings: ONE_ITEM },
  quizSubmit: { does: (learner) => act.handIn('easy', 'wrong', learner), brings: ONE_ITEM },
  quizPassed: {
    before: (learner) => act.handIn('hard', 'wrong', learner),
    does: (learner) => act.handIn('hard', 'right', learner),
    brings: ONE_ITEM,
  },
} as const satisfies Record<string, Deed>;

function source(deed: Deed, targets: Readonly<Record<string, Target>>): Source {
  return {
    given: async (lab) => {
      const learner = await act.studying(lab);
      await deed.before?.(learner);
      // Its own consequences must not be taken for those of what comes next.
      await lab.quiet();
      return learner;
    },
    does: deed.does,
    targets,
  };
}

const totalProgress = (percent: number) => at.progressRow((row) => row?.totalProgress === percent);
const onProgressPage = (percent: number) =>
  at.studentProgress(['studentProgress'], (course) => course?.totalProgress === percent);
const inAnalytics = (percent: number) => at.adminAnalytics(({ meanProgress }) => meanProgress === percent);

function moves(deed: Deed): Source {
  const { brings } = deed;
  return source(deed, {
    'studentProgress.totalProgress': totalProgress(brings),
    'enrollments.progress': at.enrollmentRow((row) => row?.progress === brings),
    'Student Dashboard': at.studentDashboard(
      ['studentProgress'],
      ({ enrollment }) => enrollment?.progress === brings,
    ),
    'Student Progress Page': onProgressPage(brings),
    'Admin Analytics': inAnalytics(brings),
  });
}

export const progressSources: Record<string, Source> = {
  'Chapter Complete': moves(DEEDS.chapter),
  'Video Watched': moves(DEEDS.videoPart),
  'Video Completed': moves(DEEDS.video),
  'Quiz Completed': moves(DEEDS.quizPassed),
};

const watched = (deed: Deed, shows: (video: unknown) => boolean): Record<string, Target> => ({
  'studentProgress.watchedVideos': at.progressRow((row) => shows(entry(row?.watchedVideos, 'film'))),
  'studentProgress.totalProgress': totalProgress(deed.brings),
  'Student Progress Page': onProgressPage(deed.brings),
});
const inVideoTable = (seconds: number) =>
  at.factRow('videoProgress', { name: 'video', rest: 'film' }, (row) =>
    JSON.stringify(row?.intervals ?? []).endsWith(`,${seconds}]]`),
  );

export const videoSources: Record<string, Source> = {
  'Video Time Update': source(DEEDS.videoPart, {
    videoProgress: inVideoTable(5),
    ...watched(DEEDS.videoPart, (video) => entry(video, 'percent') === 50),
  }),
  'Video Completed (90%+)': source(DEEDS.video, {
    videoProgress: inVideoTable(9),
    ...watched(DEEDS.video, (video) => entry(video, 'completed') === true),
  }),
  'Chapter Complete (video)': source(
    DEEDS.videoChapter,
    watched(DEEDS.videoChapter, (video) => entry(video, 'completed') === true),
  ),
};

function attempted(deed: Deed, quizId: string, number: number, score: number, passes: number): Source {
  return source(deed, {
    quizAttempts: at.factRow(
      'quizAttempts',
      { name: 'attempt', rest: `${quizId}#${String(number).padStart(4, '0')}` },
      (row) => row?.score === score,
    ),
    'studentProgress.quizAttempts': at.progressRow(
      (row) => entry(entry(entry(row?.quizAttempts, quizId), String(number)), 'score') === score,
    ),
    'studentProgress.totalProgress': totalProgress(deed.brings),
    'Admin Analytics': at.adminAnalytics(
      ({ quizzes }) => quizzes.attempts === number && quizzes.passes === passes,
    ),
  });
}

export const quizSources: Record<string, Source> = {
  'Quiz Submit': attempted(DEEDS.quizSubmit, 'easy', 1, 0, 1),
  'Quiz Passed': attempted(DEEDS.quizPassed, 'hard', 2, 100, 1),
};

function seenByAdmins(deed: Deed): Source {
  const { brings } = deed;
  return source(deed, {
    'Admin Dashboard': at.adminDashboard(({ meanProgress }) => meanProgress === brings),
    'Admin Analytics': inAnalytics(brings),
    'Admin Students': at.adminStudents((enrollment) => enrollment?.progress === brings),
  });
}

/** What students do to learn, seen by the admins. */
export const studyActions: Record<string, Source> = {
  'Complete Chapter': seenByAdmins(DEEDS.chapter),
  'Watch Video': seenByAdmins(DEEDS.videoPart),
  'Complete Quiz': seenByAdmins(DEEDS.quizPassed),
};

function entry(map: unknown, name: string): unknown {
  if (typeof map !== 'object' || map === null) return undefined;
  return new Map(Object.entries(map)).get(name);
}
