import type { QuestionTable } from '../../../shared/contracts/qbank.ts';

/** A question in the plane of facility and discrimination. */
export interface QuestionPoint {
  readonly questionId: string;
  readonly stem: string;
  readonly people: number;
  /** Percent of the people who were right, 0 to 100. */
  readonly facility: number;
  /** -100 to 100. */
  readonly discrimination: number;
  readonly kind: 'fine' | 'doubtful' | 'flagged' | 'void';
}

/** The questions of which both figures are known. */
export function pointsOf(questions: readonly QuestionTable['questions'][number][]): QuestionPoint[] {
  return questions.flatMap(({ questionId, stem, voided, figures }) => {
    const { people, facility, discrimination, flags } = figures;
    if (facility === null || discrimination === null) return [];
    const kind = voided ? 'void' : kindOf(flags);
    return [{ questionId, stem, people, facility: 100 * facility, discrimination, kind }];
  });
}

function kindOf(flags: QuestionTable['questions'][number]['figures']['flags']): QuestionPoint['kind'] {
  if (flags.some(({ beyondChance }) => beyondChance)) return 'flagged';
  return flags.length > 0 ? 'doubtful' : 'fine';
}
