import { existsSync } from 'node:fs';
import path from 'node:path';

/** Section 7 of the Law School Admission Test as answer patterns, beside the project; undefined where it is not. */
export const lsat7 = [
  process.env.LSAT7,
  path.resolve(import.meta.dirname, '../../../shared/data/lsat7.csv'),
].find((file) => file !== undefined && existsSync(file));

if (lsat7 === undefined) console.warn('Skipped: there is no lsat7.csv; name one by the variable LSAT7');
