import initSqlJs from 'sql.js';

// dynoxide numbers a stream record with MAX(CAST(sequence_number AS INTEGER)) over this table and never trims
// it. Without the first index every streamed write reads all records (about 300 writes a second at 50,000
// records, against a flat 3,000 with it); the second serves GetRecords.
const RECORDS = `CREATE TABLE _stream_records (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  table_name TEXT NOT NULL,
  event_name TEXT NOT NULL,
  keys_json TEXT NOT NULL,
  new_image TEXT,
  old_image TEXT,
  sequence_number TEXT NOT NULL,
  shard_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  user_identity TEXT
)`;
const INDEXES = [
  'CREATE INDEX stream_by_sequence ON _stream_records(table_name, CAST(sequence_number AS INTEGER))',
  'CREATE INDEX stream_by_shard ON _stream_records(table_name, shard_id, CAST(sequence_number AS INTEGER))',
];

let prepared: Promise<Uint8Array> | undefined;

/** The bytes of a database file that dynoxide takes over, with its stream records table indexed. */
export function preparedDatabase(): Promise<Uint8Array> {
  prepared ??= initSqlJs().then((sql) => {
    const database = new sql.Database();
    try {
      for (const statement of [RECORDS, ...INDEXES]) database.run(statement);
      return database.export();
    } finally {
      database.close();
    }
  });
  return prepared;
}

/** Whether a database file that dynoxide made by itself has the records table the indexes were written for. */
export async function hasExpectedRecordsTable(file: Uint8Array): Promise<boolean> {
  const sql = await initSqlJs();
  const bytes = file.slice();
  // A file in write-ahead mode says so in these two bytes, and sql.js has no shared memory to open one with.
  // The log itself is empty here: the engine was shut down.
  if (bytes[18] === 2) bytes.fill(1, 18, 20);
  const database = new sql.Database(bytes);
  try {
    const [result] = database.exec("SELECT sql FROM sqlite_master WHERE name = '_stream_records'");
    const found = result?.values[0]?.[0];
    return typeof found === 'string' && normalise(found) === normalise(RECORDS);
  } catch {
    return false;
  } finally {
    database.close();
  }
}

function normalise(statement: string): string {
  return statement
    .replace(/\s+/g, ' ')
    .replace(/\s*([(),])\s*/g, '$1')
    .trim();
}
