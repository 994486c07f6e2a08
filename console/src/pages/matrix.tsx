import { Group, Progress, Table, Text } from '@mantine/core';
import { Fragment, useSyncExternalStore } from 'react';
import { requiredTarget, type RequiredTarget } from '../../../shared/domain/required-targets.ts';
import { MARK, REQUIREMENT, type Cell, type RequiredTable } from '../../../shared/domain/requirement.ts';
import * as format from '../format.ts';
import type { Matrix } from '../matrix/keep-matrix.ts';
import { cellId, REQUIRED_CELLS, VISIBLE_CELLS } from '../matrix/seen-cells.ts';
import { Live } from '../parts.tsx';
import { Disclosure } from '../operate/disclosure.tsx';
import type { School } from '../school.ts';
import '../operate/operate.css';

/** Widths below which a table scrolls. */
const NAME_PX = 130;
const CELL_PX = 108;

/** The tables of the requirement, filling in with what is done in this console. */
export function MatrixPage({ school }: { readonly school: School }) {
  const matrix = useSyncExternalStore(school.matrix.subscribe, school.matrix.matrix);
  const seen = matrix.cells.size + matrix.watched.size;
  return (
    <div className="panels">
      <section className="panel" aria-label="How much was seen">
        <Group justify="space-between" align="baseline" gap="xs">
          <Text fw={600} data-seen={seen}>
            {format.count(seen)} of {format.count(VISIBLE_CELLS.size)} cells seen
          </Text>
          <Text size="xs" c="dimmed">
            {format.several(REQUIRED_CELLS - VISIBLE_CELLS.size, 'cell')} more can be seen only by breaking
            things: <code>npm run matrix</code> proves all {format.count(REQUIRED_CELLS)}
          </Text>
        </Group>
        <Progress.Root size="sm" mt={6}>
          <Progress.Section
            value={(100 * seen) / VISIBLE_CELLS.size}
            aria-label="Part of the cells that was seen"
          />
        </Progress.Root>
        <Text size="sm" mt="xs">
          Act as the student and as the admin on the School page: each cell takes the milliseconds from the
          click until a view showed it, and below them those from the reply. Zero means that the push was
          faster than the reply.
          {school.student === undefined && ' No student is chosen, so that no page of a student can be seen.'}
        </Text>
      </section>
      {REQUIREMENT.map((table) => (
        <MatrixTable key={table.title} table={table} matrix={matrix} />
      ))}
    </div>
  );
}

function MatrixTable({ table, matrix }: { readonly table: RequiredTable; readonly matrix: Matrix }) {
  const id = `matrix-${table.title.replace(/\W+/g, '-').toLowerCase()}`;
  const ids = table.rows.flatMap(({ name }) => table.columns.map((column) => cellId(table, name, column)));
  const visible = ids.filter((each) => VISIBLE_CELLS.has(each));
  const seen = visible.filter((each) => matrix.cells.has(each) || matrix.watched.has(each));
  return (
    <section className="panel" aria-labelledby={id}>
      <Group justify="space-between" align="baseline" gap="xs" mb={4}>
        <h2 className="panel-title" id={id}>
          {table.section}. {table.title}
        </h2>
        <Text size="xs" c="dimmed">
          {visible.length === 0 ? 'not seen from here' : `${seen.length} of ${visible.length} seen`}
        </Text>
      </Group>
      <Table.ScrollContainer
        minWidth={0}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-labelledby': id } }}
      >
        <table
          className="matrix"
          aria-labelledby={id}
          style={{ minWidth: NAME_PX + CELL_PX * table.columns.length }}
        >
          <thead>
            <tr>
              {[table.heading, ...table.columns].map((column) => (
                <th key={column} scope="col">
                  <Breakable text={column} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map(({ name, cells }) => (
              <tr key={name}>
                <th scope="row">
                  <Breakable text={name} />
                </th>
                {table.columns.map((column, index) => (
                  <MatrixCell
                    key={column}
                    required={cells[index] ?? ''}
                    id={cellId(table, name, column)}
                    matrix={matrix}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Table.ScrollContainer>
      <Disclosure show="What fills the columns" hide="Hide what fills the columns">
        <dl className="small" style={{ margin: 0 }}>
          {table.columns.map((column) => (
            <Group key={column} gap={6} align="baseline" component="div">
              <dt style={{ fontWeight: 600 }}>{column}</dt>
              <dd className="quiet" style={{ margin: 0 }}>
                {told(requiredTarget(table, column))}
              </dd>
            </Group>
          ))}
        </dl>
      </Disclosure>
    </section>
  );
}

/** Names of tables and attributes, which may be broken between their words. */
function Breakable({ text }: { readonly text: string }) {
  return text.split(/(?<=[a-z.])(?=[A-Z])|(?<=\.)/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

interface MatrixCellProps {
  readonly required: Cell;
  readonly id: string;
  readonly matrix: Matrix;
}

function MatrixCell({ required, id, matrix }: MatrixCellProps) {
  if (required !== MARK) {
    return (
      <td data-cell={required === 'N/A' ? 'not-applicable' : 'plain'}>
        <Breakable text={required} />
      </td>
    );
  }
  const seen = matrix.cells.get(id);
  if (seen !== undefined) {
    return (
      <td data-cell="seen" data-latency={seen.afterClick}>
        <span className="cell-time">
          <Live value={seen.startedAt}>{format.milliseconds(seen.afterClick)}</Live>
        </span>
        <span className="cell-reply">reply + {format.milliseconds(seen.afterReply)}</span>
      </td>
    );
  }
  if (matrix.watched.has(id)) return <td data-cell="seen">yes</td>;
  return VISIBLE_CELLS.has(id) ? <td data-cell="open">not yet</td> : <td data-cell="none">by proof only</td>;
}

/** In words. */
function told(target: RequiredTarget): string {
  switch (target.by) {
    case 'event':
      return `an event tells of the row of ${target.table}`;
    case 'reply':
      return `the command writes the row of ${target.table} before it replies, and no view shows it: the time of the reply`;
    case 'view':
      return `the view was updated, told of by ${target.tables.join(', ')}`;
    case 'watch':
      return WATCHED[target.what];
    case 'none':
      return `not seen from here: ${target.why}`;
  }
}

const WATCHED = {
  loaded: 'the view was read here and went on live',
  pushed: 'an event updated the view here',
  live: 'the view is live here now',
} as const;
