import { HEALTH_SCORES, MARK, REQUIREMENT, type RequiredTable } from '../../shared/domain/requirement.ts';
import type { ProvedCell } from './prove-matrix.ts';

/** The shape of `--json`. */
export interface MatrixReport {
  /** Percent of the cells that hold. */
  readonly score: number;
  readonly cells: readonly ProvedCell[];
  readonly sections: readonly {
    readonly section: number;
    readonly titles: readonly string[];
    readonly cells: number;
    readonly ok: number;
    readonly score: number;
    /** Of the cells that have a latency. */
    readonly ms: { readonly p50: number | null; readonly max: number | null };
  }[];
  /** As the requirement lists them. */
  readonly health: readonly { readonly name: string; readonly score: number }[];
}

export function reportOf(cells: readonly ProvedCell[]): MatrixReport {
  const sections = ALL_SECTIONS.map((section) => {
    const own = cells.filter((cell) => cell.section === section);
    const latencies = own.flatMap(({ ms }) => ms ?? []).sort((a, b) => a - b);
    return {
      section,
      titles: REQUIREMENT.filter((table) => table.section === section).map(({ title }) => title),
      cells: requiredOf([section]),
      ok: own.filter(({ ok }) => ok).length,
      score: score(cells, [section]),
      ms: { p50: latencies[Math.floor(latencies.length / 2)] ?? null, max: latencies.at(-1) ?? null },
    };
  });
  const health = HEALTH_SCORES.map(({ name, sections: of }) => ({ name, score: score(cells, of) }));
  return { score: score(cells, ALL_SECTIONS), cells, sections, health };
}

const ALL_SECTIONS: readonly number[] = [...new Set(REQUIREMENT.map(({ section }) => section))];

/** How many cells have to hold in these sections. */
function requiredOf(sections: readonly number[]): number {
  return REQUIREMENT.filter(({ section }) => sections.includes(section))
    .flatMap(({ rows }) => rows.flatMap(({ cells }) => cells))
    .filter((cell) => cell === MARK).length;
}

/** Percent of what has to hold, also of what nobody proved, rounded down to a tenth: 100 means all. */
function score(cells: readonly ProvedCell[], sections: readonly number[]): number {
  const ok = cells.filter((cell) => cell.ok && sections.includes(cell.section)).length;
  return Math.floor((1000 * ok) / requiredOf(sections)) / 10;
}

/** The ten tables in the requirement's own form, what does not hold and why, and the scores, as Markdown. */
export function printed(report: MatrixReport): string {
  const missing = report.cells.filter(({ ok }) => !ok);
  return [
    ...REQUIREMENT.map((table) => tableOf(table, report.cells)),
    ...(missing.length === 0
      ? []
      : [
          `## What does not hold\n\n${missing
            .map(({ section, source, target, why }) => `- ${section}. ${source} → ${target}: ${why}`)
            .join('\n')}`,
        ]),
    scoresOf(report),
  ].join('\n\n');
}

function tableOf({ section, title, heading, columns, rows }: RequiredTable, cells: readonly ProvedCell[]) {
  const lines = rows.map(({ name, cells: required }) => [
    name,
    ...required.map((cell, index) =>
      cell === MARK
        ? mark(
            cells.find(
              (each) => each.section === section && each.source === name && each.target === columns[index],
            ),
          )
        : cell,
    ),
  ]);
  return `## ${section}. ${title}\n\n${aligned([[heading, ...columns], ...lines])}`;
}

function mark(cell: ProvedCell | undefined): string {
  if (cell?.ok !== true) return '❌';
  return cell.ms === null ? '✅' : `✅ ${Math.round(cell.ms)} ms`;
}

/** A Markdown table whose columns stand under each other in a terminal too. */
function aligned(lines: readonly (readonly string[])[]): string {
  const [head = []] = lines;
  const widths = head.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  const print = (line: readonly string[]) =>
    `| ${line.map((text, column) => text + ' '.repeat((widths[column] ?? 0) - width(text))).join(' | ')} |`;
  const [first = '', ...rest] = lines.map(print);
  const rule = `|${widths.map((each) => '-'.repeat(each + 2)).join('|')}|`;
  return [first, rule, ...rest].join('\n');
}

/** In a terminal the marks are two columns wide. */
function width(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter === '✅' || letter === '❌' ? 2 : 1), 0);
}

function scoresOf({ score: overall, sections, health, cells }: MatrixReport): string {
  const ok = cells.filter((cell) => cell.ok).length;
  return [
    '## Sync Health Score',
    '',
    ...health.map((each) => `- **${each.name}**: ${each.score}%`),
    '',
    ...sections.map((each) => `- Section ${each.section}: ${each.ok} of ${each.cells}${latency(each.ms)}`),
    '',
    `**Overall Sync Health**: **${overall}%** (${ok} of ${requiredOf(ALL_SECTIONS)} cells)`,
  ].join('\n');
}

function latency({ p50, max }: MatrixReport['sections'][number]['ms']): string {
  if (p50 === null || max === null) return '';
  return `, half of them within ${Math.round(p50)} ms, all within ${Math.round(max)} ms`;
}
