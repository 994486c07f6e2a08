/** A page of a list; it ends where the cursor is undefined. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly cursor: string | undefined;
}

/** Reads so many pages, or as many as there are, as if they were one. */
export async function readPages<Row>(
  pages: number,
  read: (cursor: string | undefined) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const next = await read(cursor);
    rows.push(...next.rows);
    cursor = next.cursor;
    if (cursor === undefined) break;
  }
  return { rows, cursor };
}
