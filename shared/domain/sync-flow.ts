import type { JobCounts } from './job.ts';

/**
 * The flows that keep the school in step, after the sections of the requirement: what is derived in each, how many
 * values of it were compared with their sources, and how many were out of step.
 */

export const FLOWS = [
  'enrollment',
  'progress',
  'requests',
  'video',
  'quiz',
  'qbank',
  'analytics',
  'certificates',
  'notifications',
] as const;
export type FlowName = (typeof FLOWS)[number];

/** What can be wrong with a derived value: it is not there, it is another one, it should not be there. */
export const DRIFTS = ['missing', 'wrong', 'orphaned'] as const;
export type Drift = (typeof DRIFTS)[number];

/** Why, as far as the rows tell: an event never arrived, a value was changed by something else, or nothing tells of it. */
export const DRIFT_REASONS = ['not_applied', 'altered', 'unsourced'] as const;
export type DriftReason = (typeof DRIFT_REASONS)[number];

/** One value out of step. */
export type Finding = {
  readonly flow: FlowName;
  readonly drift: Drift;
  readonly reason: DriftReason;
  /** Its row, or the part of it, by table and ids: `studentProgress#USER#COURSE.watchedVideos.VIDEO`. */
  readonly subject: string;
};

/** Of findings the first few of each flow and kind, each subject once. */
export function firstOf(findings: readonly Finding[], most = 5): Finding[] {
  const kept = new Map<string, Finding[]>();
  for (const finding of findings) {
    const kind = `${finding.flow}.${finding.drift}`;
    const own = kept.get(kind) ?? [];
    kept.set(kind, own);
    if (own.length < most && !own.some(({ subject }) => subject === finding.subject)) own.push(finding);
  }
  return [...kept.values()].flat();
}

/** How many values were compared, by flow, and which of them are out of step. */
export interface Check {
  readonly checked: Partial<Readonly<Record<FlowName, number>>>;
  readonly findings: readonly Finding[];
}

export interface Flow {
  readonly name: FlowName;
  /** Values compared: those that should be there, and those that are. */
  readonly checked: number;
  readonly missing: number;
  readonly wrong: number;
  readonly orphaned: number;
  readonly repaired: number;
}

/** The names under which a job counts what it saw of a flow: `video.missing`. */
export function countOf(flow: FlowName, what: 'checked' | 'repaired' | Drift): string {
  return `${flow}.${what}`;
}

/** The flows in the counts of a job; all of them, also those without any value. */
export function flowsOf(counts: JobCounts): Flow[] {
  return FLOWS.map((name) => {
    const of = (what: 'checked' | 'repaired' | Drift) => counts[countOf(name, what)] ?? 0;
    return {
      name,
      checked: of('checked'),
      missing: of('missing'),
      wrong: of('wrong'),
      orphaned: of('orphaned'),
      repaired: of('repaired'),
    };
  });
}

/** The requirement's own scores, and the flows that each is about. */
export const SCORES = [
  { name: 'Enrollment Sync', flows: ['enrollment'] },
  { name: 'Progress Sync', flows: ['progress'] },
  { name: 'Request Sync', flows: ['requests'] },
  { name: 'Video Progress', flows: ['video'] },
  { name: 'Quiz Progress', flows: ['quiz'] },
  { name: 'Question Bank', flows: ['qbank'] },
  { name: 'Cross-App Sync', flows: ['analytics', 'certificates', 'notifications'] },
] as const satisfies readonly { readonly name: string; readonly flows: readonly FlowName[] }[];

/** The part of the values of flows that were in step, in whole percent; 100 only where all were. Null where there was no value. */
export function scoreOf(flows: readonly Flow[]): number | null {
  const checked = flows.reduce((sum, flow) => sum + flow.checked, 0);
  const off = flows.reduce((sum, { missing, wrong, orphaned }) => sum + missing + wrong + orphaned, 0);
  return checked === 0 ? null : Math.floor((100 * Math.max(0, checked - off)) / checked);
}
