import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDynoxide, startDynoxide } from '../../infra/local/dynamodb/dynoxide.ts';
import { scratchFolder } from '../../infra/local/scratch-folder.ts';
import { hasExpectedRecordsTable, preparedDatabase } from '../../infra/local/dynamodb/stream-index.ts';
import { ENGINES } from '../support/engines.ts';

const INDEXES = ['stream_by_sequence', 'stream_by_shard'];
let folder: string;

beforeEach(() => {
  folder = scratchFolder('memory');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function indexesIn(file: string): Promise<unknown[]> {
  const sql = await initSqlJs();
  const bytes = await readFile(file);
  bytes.fill(1, 18, 20);
  const database = new sql.Database(bytes);
  const [result] = database.exec(
    "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'stream_%'",
  );
  database.close();
  return (result?.values ?? []).flat().sort();
}

describe.skipIf(ENGINES[0].missing)('dynoxide', () => {
  it('runs on a file whose stream records are indexed', async () => {
    const warnings: string[] = [];
    const engine = await startDynoxide({ dataFolder: folder, onWarning: (it) => warnings.push(it) });
    await engine.stop();
    expect(warnings).toEqual([]);
    expect(await indexesIn(join(folder, 'dynoxide.db'))).toEqual(INDEXES);
  });

  it('that keeps stream records in another form runs without the index, with a warning', async () => {
    // Stands for another version: the file it makes by itself is not where it is looked for.
    const binary = join(folder, 'dynoxide');
    await writeFile(
      binary,
      `#!/bin/sh\ncase "$*" in *probe.db) : >"$6"; set -- "$1" "$2" "$3" "$4" "$5" "$6.other";; esac\nexec ${findDynoxide()} "$@"\n`,
    );
    await chmod(binary, 0o755);
    const warnings: string[] = [];
    const engine = await startDynoxide({ binary, dataFolder: folder, onWarning: (it) => warnings.push(it) });
    await engine.stop();
    expect(warnings).toEqual([expect.stringContaining('without the index')]);
    expect(await indexesIn(join(folder, 'dynoxide.db'))).toEqual([]);
  });
});

describe('a file', () => {
  it('has the records table the indexes are for, or another', async () => {
    const sql = await initSqlJs();
    const other = new sql.Database();
    other.run('CREATE TABLE _stream_records (id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL)');
    expect(await hasExpectedRecordsTable(await preparedDatabase())).toBe(true);
    expect(await hasExpectedRecordsTable(other.export())).toBe(false);
    expect(await hasExpectedRecordsTable(new sql.Database().export())).toBe(false);
    expect(await hasExpectedRecordsTable(Buffer.from('not a database'))).toBe(false);
    other.close();
  });
});
