import { type ComponentType, lazy } from 'react';
import type { PageName } from './address.ts';
import type { School } from './school.ts';

type Page = ComponentType<{ readonly school: School }>;

interface PageEntry {
  readonly title: string;
  readonly Page: Page;
}

/** Loaded when it is opened: nobody waits for what they do not look at. */
const later = (load: () => Promise<Page>): Page => lazy(async () => ({ default: await load() }));

export const pages: Readonly<Record<PageName, PageEntry>> = {
  school: { title: 'School', Page: later(async () => (await import('./pages/school.tsx')).SchoolPage) },
  matrix: { title: 'Matrix', Page: later(async () => (await import('./pages/matrix.tsx')).MatrixPage) },
  health: { title: 'Health', Page: later(async () => (await import('./pages/health.tsx')).HealthPage) },
  jobs: { title: 'Jobs', Page: later(async () => (await import('./pages/jobs.tsx')).JobsPage) },
  failures: {
    title: 'Failures',
    Page: later(async () => (await import('./pages/failures.tsx')).FailuresPage),
  },
  figures: { title: 'Figures', Page: later(async () => (await import('./pages/figures.tsx')).FiguresPage) },
};
