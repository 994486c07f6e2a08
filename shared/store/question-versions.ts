import type { QbankVersionRow } from '../contracts/qbank-rows.ts';
import type { CourseId, QuestionId } from '../domain/ids.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import { questionVersionRow } from './qbank-rows.ts';
import { readRows } from './reads.ts';

interface Asked {
  readonly questionId: QuestionId;
  readonly questionVersion: number;
}

/** What questions ask. A version never changes, so a warm function reads each once. */
export interface QuestionVersions {
  /**
   * The versions asked for, at their positions; undefined for one that is not there. One request for each hundred
   * that are not known yet.
   *
   * @throws MalformedRow
   */
  of(courseId: CourseId, asked: readonly Asked[]): Promise<(QbankVersionRow | undefined)[]>;
}

/** @param most versions kept in memory, the latest used */
export function createQuestionVersions(
  documents: Documents,
  tables: Named<'qbankQuestions'>,
  most = 500,
): QuestionVersions {
  const known = new Map<string, QbankVersionRow>();
  return {
    async of(courseId, asked) {
      const nameOf = ({ questionId, questionVersion }: Asked) =>
        `${courseId}#${questionId}#${questionVersion}`;
      const missing = asked.filter((each) => !known.has(nameOf(each)));
      const rows = await readRows(
        documents,
        missing.map((each) => questionVersionRow(tables, courseId, each.questionId, each.questionVersion)),
      );
      const read = new Map(missing.map((each, index) => [nameOf(each), rows[index]]));
      const found = asked.map((each) => known.get(nameOf(each)) ?? read.get(nameOf(each)));
      for (const row of found) {
        if (row === undefined) continue;
        // Put in again, so that what is used least comes first and goes first.
        known.delete(nameOf(row));
        known.set(nameOf(row), row);
      }
      for (const oldest of known.keys()) {
        if (known.size <= most) break;
        known.delete(oldest);
      }
      return found;
    },
  };
}
