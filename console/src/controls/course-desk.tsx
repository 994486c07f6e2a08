import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Reply } from '../../../shared/client/api.ts';
import { Status } from '../parts.tsx';
import type { School } from '../school.ts';
import { Act, ActForm } from './act.tsx';

interface CourseDeskProps {
  readonly school: School;
  readonly course: Reply<'get-course'>;
  /** The course is another one now. */
  readonly onChange: () => void;
}

interface Draft {
  readonly title: string;
  /** Of the course as it was when the title was begun: nobody's newer one is overwritten unseen. */
  readonly version?: number;
}

/** Publishes and archives a course, and changes its title. */
export function CourseDesk({ school, course, onChange }: CourseDeskProps) {
  const { actions, admin } = school;
  const { courseId, status, version } = course;
  // Nothing while it is not edited: a title that is changed elsewhere shows here too.
  const [draft, setDraft] = useState<Draft>();
  const title = draft?.title ?? course.title;
  const setStatus = (next: 'published' | 'archived') => () =>
    admin.api.call('set-course-status', { params: { courseId }, body: { status: next } });
  function save() {
    const { summary, access, price, draft: outline } = course;
    const body = { title, summary, access, price, outline, ifVersion: draft?.version ?? version };
    return admin.api.call('put-course', { params: { courseId }, body });
  }
  return (
    <>
      <ActForm
        actions={actions}
        names="Change Course"
        label="Save"
        about="the title"
        run={save}
        onDone={() => {
          setDraft(undefined);
          onChange();
        }}
        // Somebody else may have changed the course: the next try is of what it is now.
        onFail={() => {
          setDraft(draft && { title: draft.title });
          onChange();
        }}
      >
        <TextInput
          className="grows"
          label="Title"
          size="xs"
          value={title}
          onChange={(event) => setDraft({ version, ...draft, title: event.currentTarget.value })}
        />
      </ActForm>
      <div className="control">
        <Act
          actions={actions}
          names="Publish Course"
          label="Publish"
          run={setStatus('published')}
          onDone={onChange}
        />
        <Act
          actions={actions}
          names="Archive Course"
          label="Archive"
          run={setStatus('archived')}
          onDone={onChange}
        />
        <span className="small">
          <Status of={status} />
        </span>
      </div>
    </>
  );
}
