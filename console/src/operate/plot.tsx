import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Disclosure } from './disclosure.tsx';

interface PlotProps {
  readonly id: string;
  readonly title: string;
  /** Said in place of a plot that would have nothing in it. */
  readonly empty?: string | undefined;
  /** The same figures as a table, for those who do not see the plot; none where the page shows one after it anyway. */
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly ReactNode[])[];
  readonly children: ReactNode;
}

/** A plot under its title, with its figures as a table where there is none yet. */
export function Plot({ id, title, empty, columns = [], rows = [], children }: PlotProps) {
  return (
    <figure className="plot" aria-labelledby={id}>
      <figcaption id={id}>{title}</figcaption>
      {empty !== undefined ? (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      ) : (
        <>
          {/* A picture: what it says is in the table. */}
          <div role="img" aria-label={`Plot: ${title}. The same figures are in the table after it.`}>
            {children}
          </div>
          {columns.length > 0 && (
            <Disclosure show="Show as a table" hide="Hide the table">
              <div className="plot-table" tabIndex={0} role="group" aria-labelledby={id}>
                <Table className="table" aria-labelledby={id} verticalSpacing={2} fz="xs">
                  <Table.Thead>
                    <Table.Tr>
                      {columns.map((column) => (
                        <Table.Th key={column} scope="col">
                          {column}
                        </Table.Th>
                      ))}
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {rows.map((cells, row) => (
                      <Table.Tr key={row}>
                        {cells.map((cell, index) => (
                          <Table.Td key={index} className="wraps">
                            {cell}
                          </Table.Td>
                        ))}
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            </Disclosure>
          )}
        </>
      )}
    </figure>
  );
}
