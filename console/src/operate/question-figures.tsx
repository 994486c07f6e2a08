import { ScatterChart } from '@mantine/charts';
import { Badge, Paper, Table, Text } from '@mantine/core';
import { LabelList } from 'recharts';
import type { QuestionTable } from '../../../shared/contracts/qbank.ts';
import * as format from '../format.ts';
import type { School } from '../school.ts';
import { Answered, More, Nothing, Panel } from './page-parts.tsx';
import { Plot } from './plot.tsx';
import { pointsOf, type QuestionPoint } from './question-points.ts';
import { useNews, useNowAndThen } from './use-news.ts';
import { useList } from './use-reply.ts';

type Question = QuestionTable['questions'][number];

interface QuestionFiguresProps {
  readonly school: School;
  readonly courseId: string;
  readonly title: string;
}

const PAGE = 100;
const LOOK_EVERY_MS = 20_000;

/** How the questions of a bank do: how many get them right, and whether those are who does well elsewhere. */
export function QuestionFigures({ school: { admin, actions }, courseId, title }: QuestionFiguresProps) {
  const asked = useList(courseId, async (cursor, signal) => {
    const query = { limit: PAGE, cursor };
    const { body } = await admin.api.call('get-question-table', { params: { courseId }, query, signal });
    return { rows: body.questions, cursor: body.cursor };
  });
  useNews(
    actions,
    ({ table, key }) =>
      (table === 'qbankQuestionStatistics' || table === 'qbankQuestions') && key.includes(courseId),
    asked.again,
  );
  useNowAndThen(LOOK_EVERY_MS, asked.again);
  return (
    <Panel id="figures-questions" title={`Questions of ${title}`}>
      <Answered asked={asked} what="The question table">
        {(questions) =>
          questions.length === 0 ? (
            <Nothing title="The bank of this course has no questions">
              Put some in with PUT /admin/courses/{courseId}/questions/{'{question}'}, or import many.
            </Nothing>
          ) : (
            <>
              <Scatter points={pointsOf(questions)} />
              <Questions questions={questions} />
            </>
          )
        }
      </Answered>
      <More list={asked} />
    </Panel>
  );
}

const KINDS = {
  fine: { name: 'nothing strange', color: 'indigo.5' },
  doubtful: { name: 'flagged, maybe by chance', color: 'orange.6' },
  flagged: { name: 'flagged, beyond chance', color: 'red.6' },
  void: { name: 'void', color: 'gray.6' },
} as const;

const NO_SCATTER =
  'There is no plot yet: discrimination is known of questions that several people met in completed tests with others, some of whom were right and some wrong.';

function Scatter({ points }: { readonly points: readonly QuestionPoint[] }) {
  const kinds = [...new Set(points.map(({ kind }) => kind))];
  const named = (index: unknown): string => {
    const point = points[Number(index)];
    return point === undefined || point.kind === 'fine' ? '' : point.questionId;
  };
  return (
    <Plot
      id="question-scatter"
      title="Facility against discrimination"
      empty={points.length === 0 ? NO_SCATTER : undefined}
    >
      <ScatterChart
        h={320}
        dataKey={{ x: 'facility', y: 'discrimination' }}
        data={kinds.map((kind) => ({
          ...KINDS[kind],
          data: points.flatMap(({ facility, discrimination, ...point }, index) =>
            point.kind === kind ? [{ facility, discrimination, index }] : [],
          ),
        }))}
        xAxisLabel="Facility: right at the first attempt, %"
        yAxisLabel="Discrimination"
        xAxisProps={{ domain: [0, 100], ticks: [0, 25, 50, 75, 100] }}
        yAxisProps={{ domain: [-100, 100], ticks: [-100, -50, 0, 50, 100], width: 56 }}
        referenceLines={[{ y: 0, color: 'gray.6' }]}
        withLegend
        legendProps={{ verticalAlign: 'bottom' }}
        tooltipAnimationDuration={0}
        tooltipProps={{ content: ({ payload }) => <Tip point={pointIn(payload, points)} /> }}
        scatterProps={{
          isAnimationActive: false,
          children: (
            <LabelList dataKey="index" position="right" formatter={named} fontSize={11} fill="currentColor" />
          ),
        }}
      />
    </Plot>
  );
}

/** The question that a tooltip is about, by what the chart hands on. */
function pointIn(payload: unknown, points: readonly QuestionPoint[]): QuestionPoint | undefined {
  const [first]: unknown[] = Array.isArray(payload) ? payload : [];
  if (typeof first !== 'object' || first === null || !('payload' in first)) return undefined;
  const { payload: data } = first;
  if (typeof data !== 'object' || data === null || !('index' in data)) return undefined;
  return points[Number(data.index)];
}

function Tip({ point }: { readonly point: QuestionPoint | undefined }) {
  if (point === undefined) return null;
  return (
    <Paper withBorder px="xs" py={6} shadow="sm" maw={320}>
      <Text size="xs" fw={600}>
        {point.questionId}
      </Text>
      <Text size="xs">{point.stem}</Text>
      <Text size="xs" c="dimmed">
        facility {format.percent(point.facility)}, discrimination {format.score(point.discrimination)},{' '}
        {format.several(point.people, 'person', 'people')}, {KINDS[point.kind].name}
      </Text>
    </Paper>
  );
}

function Questions({ questions }: { readonly questions: readonly Question[] }) {
  return (
    <Table.ScrollContainer
      minWidth={680}
      mt="sm"
      scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-labelledby': 'figures-questions' } }}
    >
      <Table className="table" aria-labelledby="figures-questions" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Question</Table.Th>
            <Table.Th scope="col">Topic</Table.Th>
            <Table.Th scope="col" className="right">
              People
            </Table.Th>
            <Table.Th scope="col" className="right">
              Facility
            </Table.Th>
            <Table.Th scope="col" className="right">
              Discrimination
            </Table.Th>
            <Table.Th scope="col">What looks wrong</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {questions.map(({ questionId, stem, topic, voided, figures }) => (
            <Table.Tr key={questionId}>
              <Table.Th scope="row" style={{ whiteSpace: 'normal' }}>
                {questionId} {voided && <Badge size="xs">void</Badge>}
                <Text size="xs" c="dimmed">
                  {stem}
                </Text>
              </Table.Th>
              <Table.Td>{topic}</Table.Td>
              <Table.Td className="right">{format.count(figures.people)}</Table.Td>
              <Table.Td className="right">
                {format.percent(figures.facility === null ? null : 100 * figures.facility)}
              </Table.Td>
              <Table.Td className="right">{format.score(figures.discrimination)}</Table.Td>
              <Table.Td>
                {figures.flags.length === 0 ? (
                  <span className="quiet">nothing</span>
                ) : (
                  figures.flags.map(({ kind, optionId, beyondChance }) => (
                    <div key={`${kind} ${optionId}`}>
                      {FLAGS[kind]} <code>{optionId}</code>
                      {!beyondChance && <span className="quiet">, maybe by chance</span>}
                    </div>
                  ))
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const FLAGS = {
  distractor_positive: 'Those who do well elsewhere choose',
  key_negative: 'Those who do well elsewhere avoid the key',
} as const;
