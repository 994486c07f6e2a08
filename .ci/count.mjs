// Says at the end of all output which tests failed and why, then how many passed and failed in all reports.
// Reports are files in the form of `vitest --reporter=json`. A suite of which nothing ran counts as a failure only
// if its report says so: the replay and the browser may be skipped as a whole, for want of data and of a browser.
import { existsSync, readFileSync } from 'node:fs';

const files = process.argv.slice(2);
const missing = files.filter((file) => !existsSync(file));
const reports = files
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')));

for (const file of missing) console.log(`No report: ${file}`);
for (const { name, status, message, assertionResults } of reports.flatMap((report) => report.testResults)) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) console.log(`\nFAILED ${name}\n${message}`);
  for (const test of failed) {
    const why = test.failureMessages.join('\n').split('\n').slice(0, 40).join('\n');
    console.log(`\nFAILED ${name}\n${test.fullName}\n${why}`);
  }
}

const total = (count) => reports.reduce((sum, report) => sum + report[count], 0);
console.log(`${total('numPassedTests')} passed, ${total('numFailedTests')} failed`);
const everydayRan = !missing.includes(files[0]) && reports[0].numPassedTests > 0;
process.exit(everydayRan && missing.length === 0 && reports.every((report) => report.success) ? 0 : 1);
