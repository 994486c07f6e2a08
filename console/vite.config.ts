import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The console is built by `infra/build-console.ts`; everything it asks for is beside its page, wherever that is. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    // One style sheet, so that a page that is loaded later does not jump.
    cssCodeSplit: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      onwarn(warning, warn) {
        // Says that a component is for browsers, which everything here is.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
});
