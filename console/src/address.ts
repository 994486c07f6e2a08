/** The console's pages, in the order of the menu. */
export const PAGES = ['school', 'matrix', 'health', 'jobs', 'failures', 'figures'] as const;
export type PageName = (typeof PAGES)[number];

/** What the address says: which page, whose student views, and of which course the detail is. */
export interface Route {
  readonly page: PageName;
  readonly student?: string;
  readonly course?: string;
}

/** Reads `#/matrix?student=ada&course=heart`; anything unknown is the first page. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const asked = new URLSearchParams(query);
  const student = asked.get('student');
  const course = asked.get('course');
  return {
    page: PAGES.find((name) => name === path) ?? 'school',
    ...(student && { student }),
    ...(course && { course }),
  };
}

export function hashOf({ page, student, course }: Route): string {
  const query = new URLSearchParams({ ...(student && { student }), ...(course && { course }) });
  return `#/${page}${query.size === 0 ? '' : `?${query.toString()}`}`;
}
