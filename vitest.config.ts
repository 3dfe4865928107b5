import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  // Tests of one package run its neighbours from source, so no build comes before them.
  resolve: {
    alias: [
      { find: '@slotmesh/node/testing', replacement: `${root}apps/node/src/testing/index.ts` },
      { find: /^@slotmesh\/node$/, replacement: `${root}apps/node/src/index.ts` },
      { find: /^@slotmesh\/([a-z0-9-]+)$/, replacement: `${root}packages/$1/src/index.ts` },
    ],
  },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'scripts/test/**/*.test.ts',
    ],
    globalSetup: ['scripts/testing/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    silent: 'passed-only',
  },
});
