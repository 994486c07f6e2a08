import { Button, Group, Select, Text } from '@mantine/core';
import { useState } from 'react';
import type { CoursePreview } from '../../../shared/contracts/course-preview.ts';
import * as format from '../format.ts';
import { Figure, Status } from '../parts.tsx';
import type { School } from '../school.ts';
import { Answered, Panel, Unread } from './page-parts.tsx';
import { useCourses } from './use-courses.ts';
import { useNews, useNowAndThen } from './use-news.ts';
import { useReply } from './use-reply.ts';

/** Until all are counted. */
const LOOK_EVERY_MS = 5000;

/** What publishing a course as it stands would do to its learners. */
export function DraftPreview({ school: { admin, actions } }: { readonly school: School }) {
  const [courseId, setCourseId] = useState<string | null>(null);
  const [asked, setAsked] = useState<string>();
  const courses = useCourses(admin);
  const preview = useReply(asked, async (signal) => {
    const params = { courseId: asked ?? '' };
    return (await admin.api.call('preview-course', { params, signal })).body;
  });
  // A large course is counted by a job.
  const { jobId, status } = preview.data ?? {};
  useNews(
    actions,
    ({ table, key }) => table === 'jobs' && jobId !== undefined && key.startsWith(`${jobId}#`),
    preview.again,
  );
  useNowAndThen(LOOK_EVERY_MS, () => {
    if (status === 'running') preview.again();
  });
  return (
    <Panel id="draft-preview" title="What a draft would do">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (courseId === null) return;
          setAsked(courseId);
          // The same course may have another draft by now.
          preview.again();
        }}
      >
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <Select
            label="Course"
            placeholder="Choose a course"
            searchable
            data={courses.data ?? []}
            value={courseId}
            onChange={setCourseId}
            nothingFoundMessage="No course is called so"
            style={{ flex: 1 }}
          />
          <Button type="submit" variant="default" disabled={courseId === null}>
            Preview
          </Button>
        </Group>
      </form>
      <Unread asked={courses} what="The list of courses" />
      {asked === undefined ? (
        <Text size="sm" c="dimmed" mt="xs">
          Tells how many learners would rise, fall, complete or stop being complete if the draft were
          published.
        </Text>
      ) : (
        <Answered asked={preview} what="The preview">
          {(counted) => <Counted preview={counted} />}
        </Answered>
      )}
    </Panel>
  );
}

function Counted({ preview }: { readonly preview: CoursePreview }) {
  const { learners, rises, falls, completes, uncompletes, aside, status, asOf } = preview;
  return (
    <>
      <dl className="figures" style={{ marginTop: 10 }}>
        <Figure name="learners" value={format.count(learners)} />
        <Figure name="rise" value={format.count(rises)} />
        <Figure name="fall" value={format.count(falls)} />
        <Figure name="complete" value={format.count(completes)} />
        <Figure name="complete no more" value={format.count(uncompletes)} />
        {aside > 0 && <Figure name="unreadable" value={format.count(aside)} />}
      </dl>
      <Text size="xs" c="dimmed" mt={6}>
        <Status of={status}>{status === 'running' ? 'still counting' : status}</Status>, as of{' '}
        {format.moment(asOf)}
      </Text>
    </>
  );
}
