import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import * as z from 'zod';
import type { CourseDraft } from '../../shared/contracts/requests.ts';

/**
 * The Open University Learning Analytics Dataset as a history of a school: a registration enrolls, an
 * assessment handed in is a quiz attempt marked by hand, a withdrawal unenrolls at the end.
 * Source: Kuzilek, Hlosta, Zdrahal 2017, Scientific Data 4:170171.
 */

const PASS_MARK = 40;

const Presentation = { code_module: z.string(), code_presentation: z.string() };
const Assessment = z.object({
  ...Presentation,
  id_assessment: z.string(),
  assessment_type: z.string(),
  weight: z.coerce.number(),
});
const Registration = z.object({ ...Presentation, id_student: z.string(), date_registration: z.string() });
const Result = z.object({ ...Presentation, id_student: z.string(), final_result: z.string() });
const HandedIn = z.object({
  id_assessment: z.string(),
  id_student: z.string(),
  date_submitted: z.coerce.number(),
  score: z.string(),
});

export type Step =
  | { readonly kind: 'enroll'; readonly learner: string }
  | {
      readonly kind: 'attempt';
      readonly learner: string;
      readonly quizId: string;
      readonly score: number | null;
    }
  | { readonly kind: 'withdraw'; readonly learner: string };

export interface PresentationHistory {
  /** As in the data, `AAA/2014J`. */
  readonly name: string;
  readonly courseId: string;
  readonly course: z.input<typeof CourseDraft>;
  /** Every step of every learner, in the order of their days. */
  readonly steps: readonly Step[];
}

async function readTable<T>(folder: string, file: string, row: z.ZodType<T>): Promise<T[]> {
  let text: string;
  try {
    text = await readFile(join(folder, file), 'utf8');
  } catch (error) {
    throw new Error(`${folder} is not an OULAD folder: ${file} cannot be read`, { cause: error });
  }
  const parsed = z.array(row).safeParse(parse(text, { columns: true }));
  if (parsed.success) return parsed.data;
  throw new Error(`${join(folder, file)} is not as OULAD has it: ${z.prettifyError(parsed.error)}`);
}

const nameOf = (row: { code_module: string; code_presentation: string }) =>
  `${row.code_module}/${row.code_presentation}`;

function courseOf(
  name: string,
  assessments: readonly z.infer<typeof Assessment>[],
): PresentationHistory['course'] {
  return {
    title: `Open University ${name}`,
    summary: 'Replayed from the Open University Learning Analytics Dataset',
    access: 'open',
    outline: {
      chapters: [
        {
          chapterId: 'assessments',
          title: 'Assessments',
          items: assessments.map((assessment) => ({
            kind: 'quiz',
            itemId: assessment.id_assessment,
            title: `${assessment.assessment_type} ${assessment.id_assessment}`,
            weight: assessment.weight,
            passMark: PASS_MARK,
            marking: { by: 'hand' },
          })),
        },
      ],
    },
  };
}

/**
 * Reads the presentations of an OULAD folder, all of them or the one named.
 * Throws, saying what is wrong, when it is no such folder or holds no such presentation.
 */
export async function readOulad(folder: string, only?: string): Promise<PresentationHistory[]> {
  const [assessments, registrations, results, handedIn] = await Promise.all([
    readTable(folder, 'assessments.csv', Assessment),
    readTable(folder, 'studentRegistration.csv', Registration),
    readTable(folder, 'studentInfo.csv', Result),
    readTable(folder, 'studentAssessment.csv', HandedIn),
  ]);
  const names = [...new Set(registrations.map(nameOf))];
  if (only !== undefined && !names.includes(only)) {
    throw new Error(`${folder} has no presentation ${only}; it has ${names.join(', ')}`);
  }
  return names
    .filter((name) => only === undefined || name === only)
    .map((name) => {
      const own = assessments.filter((assessment) => nameOf(assessment) === name);
      const quizzes = new Set(own.map((assessment) => assessment.id_assessment));
      const enrolledOn = new Map(
        registrations
          .filter((registration) => nameOf(registration) === name)
          // Two people have no day of registration: they come first.
          .map(({ id_student, date_registration }) => [
            id_student,
            date_registration === '' ? Number.NEGATIVE_INFINITY : Number(date_registration),
          ]),
      );
      const dated: { day: number; order: number; step: Step }[] = [];
      for (const [learner, day] of enrolledOn)
        dated.push({ day, order: 0, step: { kind: 'enroll', learner } });
      for (const row of handedIn) {
        const registered = enrolledOn.get(row.id_student);
        if (!quizzes.has(row.id_assessment) || registered === undefined) continue;
        const score = row.score === '' ? null : Number(row.score);
        dated.push({
          // Banked work is dated before the registration it counts for: it comes right after it.
          day: Math.max(row.date_submitted, registered),
          order: 1,
          step: { kind: 'attempt', learner: row.id_student, quizId: row.id_assessment, score },
        });
      }
      for (const row of results) {
        if (nameOf(row) !== name || row.final_result !== 'Withdrawn') continue;
        dated.push({
          day: Number.POSITIVE_INFINITY,
          order: 2,
          step: { kind: 'withdraw', learner: row.id_student },
        });
      }
      dated.sort((a, b) => (a.day === b.day ? a.order - b.order : a.day - b.day));
      return {
        name,
        courseId: name.replace('/', '-'),
        course: courseOf(name, own),
        steps: dated.map(({ step }) => step),
      };
    });
}
