import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ViewData } from '../../../shared/client/watched-views.ts';
import * as format from '../format.ts';
import type { School } from '../school.ts';
import type { Session } from '../session.ts';
import { Act } from './act.tsx';
import { BankTest } from './bank-test.tsx';
import { QuizForm } from './quiz-form.tsx';

type Detail = ViewData<'StudentCourseDetail'>;
type Chapter = Detail['chapters'][number];
export type ItemOf<Kind extends Chapter['items'][number]['kind']> = Extract<
  Chapter['items'][number],
  { readonly kind: Kind }
>;

/** Somebody who studies a course. */
export interface Studying {
  readonly school: School;
  readonly student: Session;
  readonly detail: Detail;
}

/** Chapter by chapter what there is to do. */
export function Study(studying: Studying) {
  return (
    <ul className="lines">
      {studying.detail.chapters.map((chapter) => (
        <li className="line" key={chapter.chapterId}>
          <span>{chapter.title}</span>
          <CompleteChapter {...studying} chapter={chapter} />
          {chapter.items.map((item) => {
            switch (item.kind) {
              case 'reading':
                return null;
              case 'video':
                return <Film {...studying} video={item} key={item.itemId} />;
              case 'quiz':
                return (
                  <OpenedBy name="Answer" item={item} key={item.itemId}>
                    {(close) => <QuizForm {...studying} quiz={item} onDone={close} />}
                  </OpenedBy>
                );
              case 'qbank':
                return (
                  <OpenedBy name="Take a test" item={item} key={item.itemId}>
                    {(close) => <BankTest {...studying} onDone={close} />}
                  </OpenedBy>
                );
            }
          })}
        </li>
      ))}
    </ul>
  );
}

function CompleteChapter({ school, student, detail, chapter }: Studying & { readonly chapter: Chapter }) {
  const { chapterId, title, completed, items } = chapter;
  // Its videos count as watched then.
  const withVideo = items.some(({ kind }) => kind === 'video') ? ['Chapter Complete (video)'] : [];
  return (
    <span className="control">
      <Act
        actions={school.actions}
        names={['Chapter Complete', 'Complete Chapter', ...withVideo]}
        label={completed ? 'Complete again' : 'Complete'}
        about={`the chapter ${title}`}
        run={() => student.api.call('complete-chapter', { params: { courseId: detail.courseId, chapterId } })}
      />
    </span>
  );
}

/** Seconds that are played at a press. */
const PART_SECONDS = 10;

function Film({ school, student, detail, video }: Studying & { readonly video: ItemOf<'video'> }) {
  const [cut, setCut] = useState(0);
  const { itemId: videoId, title, durationSeconds, percent } = video;
  // On from where it was left, and from the beginning once it is over.
  const from = video.positionSeconds >= durationSeconds ? 0 : video.positionSeconds;
  const to = Math.min(durationSeconds, from + PART_SECONDS);
  return (
    <div className="line-rest control small">
      <span className="grows quiet">
        {title}, {format.percent(percent)}
      </span>
      <Act
        actions={school.actions}
        names={['Video Watched', 'Video Time Update', 'Watch Video']}
        alsoNamed={({ body }) => (body.completed ? ['Video Completed', 'Video Completed (90%+)'] : [])}
        label={`Play ${Math.round(to - from)} s`}
        about={`of ${title}`}
        run={() =>
          student.api.call('record-video-beat', {
            params: { courseId: detail.courseId, videoId },
            body: { intervals: [[from, to]], positionSeconds: to },
          })
        }
        onDone={({ body }) => setCut(body.cutSeconds)}
      />
      {cut > 0 && (
        <span className="line-rest quiet">
          {Math.ceil(cut)} s did not count: nobody plays that fast. Wait a little.
        </span>
      )}
    </div>
  );
}

interface OpenedByProps {
  readonly name: string;
  readonly item: ItemOf<'quiz'> | ItemOf<'qbank'>;
  readonly children: (close: () => void) => React.ReactNode;
}

/** Something longer to do, which opens below its name. */
function OpenedBy({ name, item, children }: OpenedByProps) {
  const [opened, setOpened] = useState(false);
  return (
    <div className="line-rest">
      <div className="control small">
        <span className="grows quiet">{item.title}</span>
        <Button
          size="compact-sm"
          variant="default"
          aria-expanded={opened}
          aria-label={`${opened ? 'Close' : name}: ${item.title}`}
          onClick={() => setOpened(!opened)}
        >
          {opened ? 'Close' : name}
        </Button>
      </div>
      {opened && children(() => setOpened(false))}
    </div>
  );
}
