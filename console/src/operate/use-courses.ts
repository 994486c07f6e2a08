import type { Session } from '../session.ts';
import { useReply, type Asked } from './use-reply.ts';

interface CourseChoice {
  readonly value: string;
  readonly label: string;
}

const LONGEST_PAGE = 100;
const MOST_PAGES = 10;

/** The courses of the school to choose from, by their titles. */
export function useCourses({ api, userId }: Session): Asked<readonly CourseChoice[]> {
  return useReply(`courses of ${userId}`, async (signal) => {
    const found: CourseChoice[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { body } = await api.call('get-admin-dashboard', {
        query: { limit: LONGEST_PAGE, cursor },
        signal,
      });
      found.push(...body.courses.map(({ courseId, title }) => ({ value: courseId, label: title })));
      cursor = body.cursor;
      if (cursor === undefined) break;
    }
    return found;
  });
}
