import type { CourseState } from '../domain/states.ts';
import type { AdminCourse } from './requests.ts';

type Chapters = AdminCourse['draft'];

/** A course as an admin sees it. `published` is the outline in force; it is left out before the first publishing. */
export function adminCourse(course: CourseState, draft: Chapters, published: Chapters): AdminCourse {
  const { courseId, title, summary, access, price, status, outlineVersion, version, updatedAt } = course;
  return {
    courseId,
    title,
    summary,
    access,
    ...(price !== undefined && { price }),
    status,
    outlineVersion,
    draft: { chapters: draft.chapters },
    ...(outlineVersion > 0 && { published: { chapters: published.chapters } }),
    version,
    updatedAt,
  };
}
