import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange, keepNewest } from '../../shared/client/apply-change.ts';
import { toldChanges } from '../../shared/client/told-changes.ts';
import type { ViewData } from '../../shared/client/watched-views.ts';
import { accessRequestView } from '../../shared/contracts/access-request-view.ts';
import { courseProgress } from '../../shared/contracts/course-progress.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import type { RowChange } from '../../shared/contracts/publish.ts';
import { visibleAdminChange, visibleStudentChange } from '../../shared/domain/change.ts';
import { bitmapWith } from '../../shared/domain/qbank-bitmap.ts';
import type { AccessRequestState, EnrollmentState, ProgressState } from '../../shared/domain/states.ts';
import { accessRequest, at, enrollment, id, progress } from '../domain/builders.ts';

const title = 'A course';

function dashboard(enrollments: EnrollmentState[], requests: AccessRequestState[] = []) {
  return {
    userId: id('u1'),
    enrollments: enrollments.map((row) => enrollmentView(row, title)),
    requests: requests.map((row) => accessRequestView(row, title)),
  } satisfies ViewData<'StudentDashboard'>;
}

/** What the student is told of an enrollment, as the publisher makes it. */
function told(before: EnrollmentState | undefined, after: EnrollmentState | undefined): RowChange {
  return visibleStudentChange('enrollments', before, after)!.row;
}

const first = enrollment();
const second = enrollment({ version: 2, status: 'cancelled', cancelledAt: at(60), progress: 40 });
const third = enrollment({ version: 3, progress: 40, source: 'admin' });

const detail = {
  courseId: id('c1'),
  title,
  summary: '',
  access: 'open',
  status: 'published',
  outlineVersion: 1,
  enrollment: enrollmentView(first, title),
  totalProgress: 0,
  chapters: [],
} satisfies ViewData<'StudentCourseDetail'>;

describe('an enrollment', () => {
  it('is brought up to date wherever a student sees it', () => {
    const now = enrollmentView(second, title);
    const changes = [told(first, second)];
    expect(applyChange('StudentDashboard', dashboard([first]), changes).enrollments).toEqual([now]);
    const course = { courseId: id<never>('c1'), title, summary: '', access: 'open' } as const;
    const courses = { courses: [{ ...course, enrollment: enrollmentView(first, title) }] };
    expect(applyChange('StudentCourses', courses, changes).courses).toEqual([{ ...course, enrollment: now }]);
    const after = { ...detail, enrollment: now, totalProgress: 40 };
    expect(applyChange('StudentCourseDetail', detail, changes)).toEqual(after);
  });

  it('is brought up to date among the students, for the one whose it is', () => {
    const [mine, theirs] = [first, enrollment({ userId: id<never>('u2') })];
    const view = {
      students: [mine, theirs].map((row) => ({
        userId: row.userId,
        enrollments: [enrollmentView(row, title)],
      })),
    };
    const change = visibleAdminChange('enrollments', mine, second)!.row;
    const { students } = applyChange('AdminStudents', view, [change]);
    expect(students.map((each) => each.enrollments?.[0]?.progress)).toEqual([40, 0]);
    const found = { students: [{ userId: mine.userId }] };
    expect(applyChange('AdminStudents', found, [change])).toBe(found);
  });

  it('loses what it has no longer, and goes when its row is gone', () => {
    const view = dashboard([second]);
    expect(applyChange('StudentDashboard', view, [told(second, third)])).toEqual(dashboard([third]));
    expect(applyChange('StudentDashboard', view, [told(second, undefined)])).toEqual(dashboard([]));
  });

  it('is not brought back by an older or equal version', () => {
    const view = dashboard([second]);
    expect(applyChange('StudentDashboard', view, [told(undefined, first)])).toBe(view);
    const again = told(first, { ...second, progress: 41 });
    expect(applyChange('StudentDashboard', view, [again])).toBe(view);
  });

  it('stays where the event tells too little or what is not known', () => {
    const view = dashboard([first]);
    const change = told(first, second);
    for (const values of [{}, { ...change.values, status: 'asleep' }, { ...change.values, progress: '40' }]) {
      expect(applyChange('StudentDashboard', view, [{ ...change, values }])).toBe(view);
    }
  });

  it('of another course, or rows that the view does not show, change nothing', () => {
    const view = dashboard([first]);
    const elsewhere = told(undefined, enrollment({ courseId: id<never>('c2'), version: 9 }));
    const changes = [elsewhere, { ...told(first, second), table: 'payments' }];
    expect(applyChange('StudentDashboard', view, changes)).toBe(view);
  });
});

describe('a request', () => {
  const asked = accessRequest({ message: 'Please' });
  const rejected = accessRequest({
    version: asked.version + 1,
    status: 'rejected',
    decidedAt: at(5),
    reason: 'Full',
  });
  const change = visibleStudentChange('accessRequests', asked, rejected)!.row;

  it("changes on the student's pages, without the words, which no event carries", () => {
    const { requests } = applyChange('StudentDashboard', dashboard([], [asked]), [change]);
    expect(requests).toEqual([
      {
        courseId: 'c1',
        title,
        status: 'rejected',
        requestedAt: asked.requestedAt,
        decidedAt: at(5),
        version: rejected.version,
      },
    ]);
  });

  it('leaves the list of its status, and the page when it is withdrawn or approved', () => {
    const view = { requests: [{ userId: asked.userId, ...accessRequestView(asked, title) }] };
    expect(applyChange('AdminRequests', view, [change])).toEqual({ requests: [] });
    const gone = visibleAdminChange('accessRequests', asked, undefined)!.row;
    expect(applyChange('AdminRequests', view, [gone])).toEqual({ requests: [] });
    const course = { courseId: id<never>('c1'), title, summary: '', access: 'request' } as const;
    const courses = { courses: [{ ...course, request: accessRequestView(asked, title) }] };
    expect(applyChange('StudentCourses', courses, [gone])).toEqual({ courses: [course] });
  });
});

const video = fc.record({
  version: fc.constant(1),
  seconds: fc.constant(1),
  percent: fc.integer({ min: 0, max: 100 }),
  completed: fc.boolean(),
});
const ids = fc.constantFrom('a', 'b', 'b.percent', 'constructor');
const score = fc.option(fc.integer({ min: 0, max: 100 }));
const facts = fc.record({
  totalProgress: fc.option(fc.integer({ min: 0, max: 100 })),
  completedItems: fc.nat(9),
  requiredItems: fc.nat(9),
  completedChapters: fc.dictionary(ids, fc.constant({ version: 1, completedAt: at(0) })),
  watchedVideos: fc.dictionary(ids, video),
  quizAttempts: fc.dictionary(
    ids,
    fc.dictionary(fc.constantFrom('1', '2'), fc.record({ version: fc.constant(1), score }), { minKeys: 1 }),
  ),
  waivedItems: fc.dictionary(ids, fc.record({ version: fc.constant(1), waived: fc.boolean() })),
  answeredQuestions: fc.array(fc.constantFrom(0, 8, 30)).map(bitmapWith),
  completedAt: fc.option(fc.constantFrom(at(1), at(2)), { nil: undefined }),
});

/** The versions of a row, and what is told of each; a version in which nothing shows is not told. */
const history = fc.array(facts, { minLength: 2, maxLength: 6 }).map((all) => {
  const versions = all.map((each, index) => progress({ ...each, version: index + 1 }));
  const changes = versions.flatMap(
    (row, index) => visibleStudentChange('studentProgress', versions[index - 1], row)?.row ?? [],
  );
  return { versions, changes: changes.filter((change) => change.version > 1) };
});

const viewOf = (row: ProgressState): ViewData<'StudentProgress'> => ({
  courses: [courseProgress(row, title)],
});

/** The newest of the versions that were told, or the first where none was. */
const newest = (versions: readonly ProgressState[], changes: readonly RowChange[]) =>
  versions[(changes.at(-1)?.version ?? 1) - 1]!;

describe('progress', () => {
  it('that is told step by step ends as the server shows it', () => {
    fc.assert(
      fc.property(history, ({ versions, changes }) => {
        const start = viewOf(versions[0]!);
        const end = changes.reduce((view, change) => applyChange('StudentProgress', view, [change]), start);
        expect(end).toEqual(viewOf(newest(versions, changes)));
      }),
    );
  });

  it('never goes back and ends in the newest figures, in any order and repeated', () => {
    const delivery = history.chain((given) =>
      fc
        .array(fc.constantFrom(...given.changes, undefined), { maxLength: 12 })
        .map((extra) => ({ ...given, extra: extra.filter((each) => each !== undefined) }))
        .chain(({ extra }) =>
          fc
            .shuffledSubarray([...given.changes, ...extra], {
              minLength: given.changes.length + extra.length,
            })
            .map((deliveries) => ({ ...given, deliveries })),
        ),
    );
    fc.assert(
      fc.property(delivery, ({ versions, changes, deliveries }) => {
        let view = viewOf(versions[0]!);
        for (const change of deliveries) {
          const before = view.courses[0]!.version;
          view = applyChange('StudentProgress', view, [change]);
          expect(view.courses[0]!.version).toBe(Math.max(before, change.version));
        }
        const { completedChapters, watchedVideos, quizAttempts, waivedItems, answeredQuestions, ...figures } =
          view.courses[0]!;
        expect(viewOf(newest(versions, changes)).courses[0]).toMatchObject(figures);
        expect(applyChange('StudentProgress', viewOf(versions[0]!), deliveries).courses[0]).toMatchObject(
          figures,
        );
      }),
    );
  });
});

/**
 * What happens to one learner, step by step: the percentage moves (both rows), a video alone (the progress row), or the
 * enrollment ends or is taken up again. With what the student is told of each, which of a percentage is the progress alone.
 */
const standings = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom('video', 'status')), { maxLength: 8 })
  .map((steps) => {
    const states = [{ enrolled: enrollment({ progressVersion: 1 }), studied: progress() }];
    const changes: RowChange[] = [];
    for (const step of steps) {
      const { enrolled, studied } = states.at(-1)!;
      if (step === 'status') {
        const status = enrolled.status === 'active' ? 'cancelled' : 'active';
        const next = { ...enrolled, status, version: enrolled.version + 1 } as const;
        changes.push(told(enrolled, next));
        states.push({ enrolled: next, studied });
        continue;
      }
      const version = studied.version + 1;
      const moved =
        step === 'video'
          ? {
              ...studied,
              version,
              watchedVideos: { v1: { version, seconds: version, percent: version, completed: false } },
            }
          : { ...studied, version, totalProgress: step };
      const row = visibleStudentChange('studentProgress', studied, moved)?.row;
      if (row === undefined) continue;
      changes.push(row);
      const { totalProgress } = moved;
      const stays = totalProgress === enrolled.progress;
      states.push({
        studied: moved,
        enrolled: stays
          ? enrolled
          : { ...enrolled, progress: totalProgress, progressVersion: version, version: enrolled.version + 1 },
      });
    }
    return { states: states.map(({ enrolled }) => enrolled), changes };
  });

describe('an enrollment whose progress is told by the progress row alone', () => {
  const given = fc.tuple(standings, fc.nat(), fc.infiniteStream(fc.nat()));

  it('ends as the server shows it, whichever state was read and in whatever order the rest is told', () => {
    fc.assert(
      fc.property(given, ([{ states, changes }, pick, numbers]) => {
        const read = states[pick % states.length]!;
        const order = changes
          .map((change) => ({ change, place: numbers.next().value }))
          .sort((a, b) => a.place - b.place)
          .map(({ change }) => change);
        let view = dashboard([read]);
        let seen = 0;
        const heard = toldChanges();
        for (const change of [...order, ...order.slice(0, 3)]) {
          heard.take([change]);
          view = applyChange('StudentDashboard', view, heard.all());
          const { progressVersion = 0 } = view.enrollments[0]!;
          expect(progressVersion).toBeGreaterThanOrEqual(seen);
          seen = progressVersion;
        }
        const { status, progress: percent } = states.at(-1)!;
        expect(view.enrollments[0]).toMatchObject({ status, progress: percent });
        expect(applyChange('StudentDashboard', dashboard([read]), changes).enrollments[0]).toMatchObject({
          status,
          progress: percent,
        });
      }),
    );
  });

  const half = visibleStudentChange(
    'studentProgress',
    progress(),
    progress({ version: 2, totalProgress: 50 }),
  )!.row;

  it('stays where nobody knows of which progress it is, or where it is of a newer one', () => {
    for (const version of [undefined, 2, 3]) {
      const view = dashboard([enrollment({ progressVersion: version })]);
      expect(applyChange('StudentDashboard', view, [half])).toBe(view);
    }
  });

  it('is the very same where the percentage is', () => {
    const view = dashboard([enrollment({ progress: 50, progressVersion: 1 })]);
    expect(applyChange('StudentDashboard', view, [half])).toBe(view);
  });

  it('stays beside the chapters of its course, which only a read brings to the same moment', () => {
    const view = { ...detail, enrollment: enrollmentView(enrollment({ progressVersion: 1 }), title) };
    expect(applyChange('StudentCourseDetail', view, [half])).toBe(view);
  });
});

describe('a view that was read', () => {
  it('keeps the rows that are shown in a newer version, and takes the others', () => {
    const other = enrollment({ courseId: id<never>('c2') });
    const otherNow = { ...other, version: 2, progress: 10 };
    const read = dashboard([first, otherNow]);
    expect(keepNewest('StudentDashboard', read, dashboard([second, other]))).toEqual(
      dashboard([second, otherNow]),
    );
  });

  it('is shown as it is where no row of it is older', () => {
    const read = dashboard([second]);
    expect(keepNewest('StudentDashboard', read, dashboard([second, first]))).toBe(read);
  });
});
