// The simulator without its command line runs where there is no Node.js: in a realm that has nothing
// but the language and TextEncoder, always, and in a real browser where one is installed. A seed gives
// the same hash everywhere.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build, type Rolldown } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { optionsOf, Simulation } from '../src/index.ts';

const SEED = 5;
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What is run: the bundle has put the package's exports into `simulator`. */
const PROGRAM = `
  const { optionsOf, Simulation } = simulator;
  const result = new Simulation(optionsOf(${SEED}, { faultyMs: 10000 })).run();
  result.hash + (result.failure === null ? '' : result.failure.message);
`;

/** Its bytes must be arrays of the realm's own, as they are in a browser. */
const ENCODER = `
  globalThis.TextEncoder = class {
    encode(text) {
      return new Uint8Array(outer.encode(text));
    }
    encodeInto(text, bytes) {
      const encoded = outer.encode(text);
      bytes.set(encoded);
      return { read: text.length, written: encoded.length };
    }
  };
`;

let code: string;
let modules: string[];
let hash: string;

beforeAll(async () => {
  const output = (await build({
    ...{ root, configFile: false, logLevel: 'error' },
    resolve: {
      alias: [
        { find: /^@slotmesh\/([a-z0-9-]+)$/, replacement: `${root}packages/$1/src/index.ts` },
      ],
    },
    build: {
      ...{ write: false, minify: false, target: 'es2023' },
      lib: { entry: 'packages/simulator/src/index.ts', formats: ['iife'], name: 'simulator' },
    },
  })) as Rolldown.RolldownOutput[];
  const [chunk] = output[0].output;
  code = chunk.code;
  modules = chunk.moduleIds;
  const { hash: here, failure } = new Simulation(optionsOf(SEED, { faultyMs: 10_000 })).run();
  expect(failure).toBeNull();
  hash = here;
});

describe('without Node.js', () => {
  it('nothing in the whole graph of imports is from Node.js, or of the command line', () => {
    const from = (path: string): string[] => modules.filter((one) => one.includes(path));
    expect(from('packages/simulator/src/').length).toBeGreaterThan(50);
    expect(from('packages/cluster-core/src/').length).toBeGreaterThan(3);
    expect(from('node:')).toEqual([]);
    // What the bundler puts in the place of modules that a browser does not have.
    expect(from('browser-external')).toEqual([]);
    expect(from('packages/simulator/src/cli/')).toEqual([]);
  });

  it('a seed gives the same hash where there is only the language', () => {
    const realm = createContext({ TextDecoder, outer: new TextEncoder() });
    runInContext(ENCODER, realm);
    const absent = 'typeof process + typeof Buffer + typeof setTimeout';
    expect(runInContext(absent, realm)).toBe('undefined'.repeat(3));
    runInContext(code, realm);
    expect(runInContext(PROGRAM, realm)).toBe(hash);
  });

  it('a seed gives the same hash in a browser', ({ skip }) => {
    const browser = findBrowser();
    if (browser === null) return skip('there is no chromium on PATH');
    const directory = mkdtempSync(join(tmpdir(), 'slotmesh-browser-'));
    try {
      const page = join(directory, 'page.html');
      writeFileSync(join(directory, 'simulator.js'), code);
      writeFileSync(page, pageOf(PROGRAM));
      const { stdout, stderr } = spawnSync(
        browser,
        [
          ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
          ...[`--user-data-dir=${join(directory, 'profile')}`, '--dump-dom', `file://${page}`],
        ],
        { encoding: 'utf8', timeout: 100_000 },
      );
      expect(/<output>(.*)<\/output>/.exec(stdout)?.[1] ?? stderr).toBe(hash);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

/** A script runs before the page counts as loaded, and the page is printed after that. */
function pageOf(program: string): string {
  return `<!doctype html>
<output></output>
<script src="simulator.js"></script>
<script>
  document.querySelector('output').textContent = eval(${JSON.stringify(program)});
</script>
`;
}

function findBrowser(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(directory, name);
      if (isExecutable(path)) return path;
    }
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
