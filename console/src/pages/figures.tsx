import { Group, Select, Text } from '@mantine/core';
import { Fragment, useState } from 'react';
import type { ViewData } from '../../../shared/client/watched-views.ts';
import * as format from '../format.ts';
import { ActivityByDay, ProgressDistribution, ScoresOfTests } from '../operate/analytics-plots.tsx';
import { Answered, Panel, Unread } from '../operate/page-parts.tsx';
import { QuestionFigures } from '../operate/question-figures.tsx';
import { useCourses } from '../operate/use-courses.ts';
import { useNews, useNowAndThen } from '../operate/use-news.ts';
import { useReply } from '../operate/use-reply.ts';
import { Figure } from '../parts.tsx';
import { go, useRoute } from '../route.ts';
import { type School, useLiveView } from '../school.ts';
import { WhyNot } from '../view-card.tsx';
import '../operate/operate.css';

/** The figures of a course, or of the school: where learners are, when they learn, and how the questions do. */
export function FiguresPage({ school }: { readonly school: School }) {
  const route = useRoute();
  const courses = useCourses(school.admin);
  const [whole, setWhole] = useState(false);
  const courseId = whole ? undefined : route.course;
  const known = courses.data?.find(({ value }) => value === courseId);
  return (
    <div className="panels">
      <Group align="flex-end">
        <Select
          label="Figures of"
          searchable
          allowDeselect={false}
          w={{ base: '100%', xs: 320 }}
          data={[{ value: WHOLE, label: 'The whole school' }, ...(courses.data ?? [])]}
          value={courseId ?? WHOLE}
          onChange={(value) => {
            setWhole(value === WHOLE);
            if (value !== null && value !== WHOLE) go({ ...route, course: value });
          }}
          nothingFoundMessage="No course is called so"
        />
      </Group>
      <Unread asked={courses} what="The list of courses" />
      {courseId === undefined ? (
        <>
          <OfSchool school={school} />
          <Text size="sm" c="dimmed">
            Choose a course to see how the questions of its bank do.
          </Text>
        </>
      ) : (
        <Fragment key={courseId}>
          <OfCourse school={school} courseId={courseId} />
          <QuestionFigures school={school} courseId={courseId} title={known?.label ?? courseId} />
        </Fragment>
      )}
    </div>
  );
}

// No course can be called so: the ids of courses have no space.
const WHOLE = ' the whole school';

/** For what an event was lost of. */
const LOOK_EVERY_MS = 30_000;

function OfSchool({ school: { admin } }: { readonly school: School }) {
  const update = useLiveView('AdminAnalytics');
  return (
    <>
      {update?.live !== true && <WhyNot view="AdminAnalytics" session={admin} />}
      {update === undefined ? <Text size="sm">Reading the figures …</Text> : <Figures {...update} />}
    </>
  );
}

/** The view is watched for the school, and hears of the rows of all courses: those of this one are read at such news. */
function OfCourse({ school, courseId }: { readonly school: School; readonly courseId: string }) {
  const { admin, actions } = school;
  const live = useLiveView('AdminAnalytics')?.live ?? false;
  const asked = useReply(courseId, async (signal) => {
    const { body } = await admin.api.call('get-admin-analytics', { query: { courseId }, signal });
    return { data: body, at: new Date() };
  });
  useNews(
    actions,
    ({ table, key }) => table === 'analytics' && key.startsWith(`course#${courseId}#`),
    asked.again,
  );
  useNowAndThen(LOOK_EVERY_MS, asked.again);
  return (
    <Answered asked={asked} what="The figures of the course">
      {(read) => <Figures {...read} live={live && asked.error === undefined} />}
    </Answered>
  );
}

interface FiguresProps {
  readonly data: ViewData<'AdminAnalytics'>;
  readonly live: boolean;
  readonly at: Date;
}

function Figures({ data, live, at }: FiguresProps) {
  const { totals, activeLearners, qbankScores } = data;
  return (
    <>
      <Totals totals={totals} live={live} at={at} />
      <div className="side-by-side">
        <Panel id="figures-progress" title="Progress">
          <ProgressDistribution totals={totals} />
        </Panel>
        <Panel id="figures-days" title="Activity">
          <ActivityByDay days={activeLearners} />
        </Panel>
      </div>
      {qbankScores !== undefined && (
        <Panel id="figures-tests" title="Tests of the question bank">
          <ScoresOfTests scores={qbankScores} />
        </Panel>
      )}
    </>
  );
}

interface TotalsProps {
  readonly totals: ViewData<'AdminAnalytics'>['totals'];
  readonly live: boolean;
  readonly at: Date;
}

function Totals({ totals, live, at }: TotalsProps) {
  const { learners, enrollments, completions, meanProgress, quizzes, watchMinutes } = totals;
  return (
    <Panel
      id="figures-totals"
      title="Totals"
      aside={
        <Text size="xs" c="dimmed">
          {live ? 'live' : 'polling'}, {format.timeOfDay(at)}
        </Text>
      }
    >
      <dl className="figures">
        <Figure name="learners" value={format.count(learners)} />
        <Figure name="enrollments" value={format.count(enrollments)} />
        <Figure name="completions" value={format.count(completions)} />
        <Figure name="mean progress" value={format.percent(meanProgress)} />
        <Figure name="quiz attempts" value={format.count(quizzes.attempts)} />
        <Figure name="mean score" value={format.score(quizzes.meanScore)} />
        <Figure name="minutes watched" value={format.count(watchMinutes)} />
      </dl>
    </Panel>
  );
}
