import { synthesise } from './synthesise.ts';

try {
  await synthesise({
    validate: true,
    console: true,
    onNotice: (sentence) => console.error(sentence),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
