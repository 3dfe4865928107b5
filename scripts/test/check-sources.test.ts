// Each rule is shown a violation: a check that finds nothing anywhere would pass on every repository.

import { describe, expect, it } from 'vitest';
import { checkCycles, findCycles } from '../check/cycles.ts';
import { checkFiles, FILE_LINES_MAX } from '../check/files.ts';
import { formatFinding } from '../check/finding.ts';
import { checkLayers, LAYERS, type Layer } from '../check/layers.ts';
import { checkPurity } from '../check/purity.ts';
import { parseSource } from '../check/source.ts';
import { layerOf, type Package } from '../check/workspace.ts';

const layers: ReadonlyMap<string, Layer> = new Map([
  ['low', { imports: [], pure: true }],
  ['high', { imports: ['low'], pure: true }],
  ['io', { imports: [], pure: false }],
]);

/** A package with one source file per entry of `files`, and what its manifest and tsconfig declare. */
function makePackage(
  directory: string,
  files: Record<string, string>,
  declared: readonly string[] = [],
): Package {
  return {
    directory,
    layer: layerOf(directory),
    name: `@slotmesh/${directory.split('/')[1]}`,
    dependencies: declared.map((name) => `@slotmesh/${name}`),
    references: declared.map((name) => `packages/${name}`),
    sources: Object.entries(files).map(([name, text]) =>
      parseSource(`${directory}/src/${name}`, text),
    ),
    others: new Map([[`${directory}/README.md`, '# x\n\n```ts\nx;\n```\n']]),
  };
}

describe('the layer table', () => {
  const check = (one: Package): string[] => checkLayers([one], layers).map(formatFinding);

  it('lets pass what it allows', () => {
    const text = "import type { A } from '@slotmesh/low';\nimport { b } from './b.ts';\n";
    expect(check(makePackage('packages/high', { 'a.ts': text }, ['low']))).toEqual([]);
    expect(check(makePackage('packages/io', { 'a.ts': "import 'node:net';" }))).toEqual([]);
  });

  it.each([
    [
      'an import upwards',
      'low',
      "\nimport type { A } from '@slotmesh/high';",
      ["packages/low/src/a.ts:2: low may not import '@slotmesh/high'"],
    ],
    [
      'a re-export upwards',
      'low',
      "export { a } from '@slotmesh/high';",
      ["packages/low/src/a.ts:1: low may not import '@slotmesh/high'"],
    ],
    [
      'a dynamic import',
      'low',
      "const a = import('@slotmesh/high');",
      ["packages/low/src/a.ts:1: low may not import '@slotmesh/high'"],
    ],
    [
      'the type of an import',
      'low',
      "type A = import('@slotmesh/high').A;",
      ["packages/low/src/a.ts:1: low may not import '@slotmesh/high'"],
    ],
    [
      'an import that is not declared',
      'high',
      "import { a } from '@slotmesh/low';",
      ["packages/high/src/a.ts:1: package.json does not declare '@slotmesh/low'"],
    ],
    [
      'a path into a package',
      'high',
      "import { a } from '@slotmesh/low/src/a.ts';",
      ["packages/high/src/a.ts:1: high may not import '@slotmesh/low/src/a.ts'"],
    ],
    [
      'a way around by files',
      'high',
      "import { a } from '../../low/src/a.ts';",
      ["packages/high/src/a.ts:1: '../../low/src/a.ts' leaves the package's sources"],
    ],
    [
      'a package of others',
      'low',
      "import x from 'lodash';",
      ["packages/low/src/a.ts:1: 'lodash' is a dependency outside the workspace"],
    ],
    [
      'node: in a pure package',
      'low',
      "import { connect } from 'node:net';",
      ["packages/low/src/a.ts:1: 'node:net' in a pure package: only apps and io import node:"],
    ],
  ])('catches %s', (_, name, text, findings) => {
    expect(check(makePackage(`packages/${name}`, { 'a.ts': text }))).toEqual(findings);
  });

  it('catches manifests and references that disagree', () => {
    const unused = makePackage('packages/high', {}, ['low']);
    expect(check(unused)).toEqual([
      'packages/high/package.json: @slotmesh/low is declared and never imported',
    ]);
    const text = "import { a } from '@slotmesh/low';";
    const high = makePackage('packages/high', { 'a.ts': text }, ['low']);
    expect(check({ ...high, references: [] })).toEqual([
      'packages/high/tsconfig.json: the references lack ../low, which package.json depends on',
    ]);
    expect(check({ ...high, references: ['packages/low', 'packages/io'] })).toEqual([
      'packages/high/tsconfig.json: refers to packages/io, which package.json does not depend on',
    ]);
    expect(check(makePackage('packages/low', {}, ['high']))).toEqual([
      'packages/low/package.json: low may not depend on @slotmesh/high',
    ]);
    expect(check({ ...makePackage('packages/low', {}), dependencies: ['lodash'] })[0]).toContain(
      'lodash is a runtime dependency outside the workspace',
    );
  });

  it('catches a package that it does not know', () => {
    expect(check(makePackage('packages/new', {}))).toEqual([
      'packages/new/package.json: new has no row in the layer table (scripts/check/layers.ts)',
    ]);
  });

  it('is free of circles itself: rows name only rows above them', () => {
    const above = new Set<string>();
    for (const [name, { imports }] of LAYERS) {
      for (const target of imports) expect([name, above.has(target)]).toEqual([name, true]);
      above.add(name);
    }
  });
});

describe('cycles', () => {
  it('finds them among files, imports of types included', () => {
    const one = makePackage('packages/low', {
      'a.ts': "import { b } from './b.ts';",
      'b.ts': "import { c } from './inner/c.ts';",
      'inner/c.ts': "import type { A } from '../a.ts';",
      'd.ts': "import { a } from './a.ts';",
    });
    const base = 'packages/low/src';
    expect(checkCycles([one]).map(formatFinding)).toEqual([
      `${base}/a.ts: import cycle: ${base}/a.ts -> ${base}/b.ts -> ${base}/inner/c.ts -> ${base}/a.ts`,
    ]);
  });

  it('finds them among packages', () => {
    const low = makePackage('packages/low', { 'a.ts': "import { a } from '@slotmesh/high';" });
    const high = makePackage('packages/high', {}, ['low']);
    expect(checkCycles([low, high]).map(formatFinding)).toEqual([
      'packages/low/package.json: import cycle: @slotmesh/low -> @slotmesh/high -> @slotmesh/low',
    ]);
  });

  it('does not take two ways to one node for a circle', () => {
    expect(
      findCycles(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['d']],
          ['c', ['d']],
          ['d', []],
        ]),
      ),
    ).toEqual([]);
    expect(findCycles(new Map([['a', ['a']]]))).toEqual([['a', 'a']]);
  });
});

describe('purity', () => {
  const check = (text: string, directory = 'packages/low'): string[] =>
    checkPurity([makePackage(directory, { 'a.ts': text })], layers).map(formatFinding);

  it.each([
    'const now = Date.now();',
    'const now = performance.now();',
    'const value = Math.random();',
    "const value = Math['random']();",
    'const { random } = Math;',
    'const value = Math[name]();',
    'setTimeout(f, 1);',
    'setInterval(f, 1);',
    'setImmediate(f);',
    'queueMicrotask(f);',
    'const home = process.env.HOME;',
    'function f(p: typeof process): void {}',
    'const bytes = Buffer.alloc(1);',
    'function f(b: Buffer): void {}',
    'console.log(1);',
    'const page = fetch(url);',
    'crypto.getRandomValues(bytes);',
    'const clock = globalThis.Date;',
    'const clock = { Date };',
    "const net = require('net');",
    'async function f(): Foo {}',
    'const f = async () => 1;',
    'class A { async f(): Foo {} }',
    'let later: Promise<number>;',
    'const x = await y;',
    "const m = import('./b.ts');",
    'const here = import.meta.url;',
    'names.sort((a, b) => a.localeCompare(b));',
    'eval(text);',
  ])('catches %s', (text) => {
    const findings = check(`\n${text}`);
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) {
      expect(finding).toMatch(/^packages\/low\/src\/a\.ts:2: .* in a pure package$/);
    }
  });

  it.each([
    '// Date.now() and setTimeout\n/* process.exit() */',
    "const text = 'Date.now() Math.random()';",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the code that is checked
    'const text = `console.log ${value}`;',
    'const time = message.Date + clock.fetch();',
    'interface Port { fetch(): void; process: number }',
    'class A { fetch(): void {} }',
    'const table = { Date: 1, process: 2 };',
    'const largest = Math.max(1, 2);',
    'const pattern = /console.log/;',
  ])('lets pass %s', (text) => {
    expect(check(text)).toEqual([]);
  });

  it('does not apply outside the pure packages', () => {
    expect(check('console.log(Date.now());', 'packages/io')).toEqual([]);
  });
});

describe('files', () => {
  const check = (one: Package): string[] => checkFiles([one]).map(formatFinding);

  it('lets pass a table of contents and a file of the greatest length', () => {
    const index = "export { a } from './a.ts';\nexport type { B } from './b.ts';\nexport {};\n";
    const long = 'const a = 1;\n'.repeat(FILE_LINES_MAX);
    expect(check(makePackage('packages/low', { 'index.ts': index, 'a.ts': long }))).toEqual([]);
  });

  it('catches files that are too long, tests as well', () => {
    const long = 'const a = 1;\n'.repeat(FILE_LINES_MAX + 1);
    const one = makePackage('packages/low', { 'a.ts': long });
    const test = 'packages/low/test/a.test.ts';
    expect(check({ ...one, others: new Map([...one.others, [test, long]]) })).toEqual([
      `${test}: 601 lines; 600 are the most`,
      'packages/low/src/a.ts: 601 lines; 600 are the most',
    ]);
  });

  it('catches export *, and an index that holds code', () => {
    expect(check(makePackage('packages/low', { 'a.ts': "export * from './b.ts';" }))).toEqual([
      'packages/low/src/a.ts:1: export *: a table of contents lists names',
    ]);
    const index = "import { a } from './a.ts';\n\nexport const b = a;";
    expect(check(makePackage('packages/low', { 'index.ts': index }))).toEqual([
      'packages/low/src/index.ts:1: an index only lists what it exports from other files',
      'packages/low/src/index.ts:3: an index only lists what it exports from other files',
    ]);
  });

  it('catches a README that is missing or has no example', () => {
    const one = makePackage('packages/low', {});
    const path = 'packages/low/README.md';
    expect(check({ ...one, others: new Map() })).toEqual([`${path}: is missing`]);
    expect(check({ ...one, others: new Map([[path, '# x\n']]) })[0]).toContain('has no example');
  });
});
