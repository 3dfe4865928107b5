// The packages as they would be published, and what the check makes of one that is not fit. They are packed from their
// built files: `npm test` builds before it, on your own run `npm run build`.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatFinding } from '../check/finding.ts';
import { checkPublish } from '../check/publish.ts';
import { readPackages } from '../check/workspace.ts';
import { temporaryDirectory } from '../testing/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('our packages are fit to be published', () => {
  it.each(readPackages(root).map((one) => one.directory))('%s', async (directory) => {
    const findings = await checkPublish(join(root, directory), directory);
    expect(findings.map(formatFinding)).toEqual([]);
  });
});

/** A package that is fit, until a test changes some of its files (null removes one). */
async function check(changes: Record<string, string | null>): Promise<string[]> {
  const manifest = {
    name: '@example/fit',
    version: '1.0.0',
    license: 'MIT',
    type: 'module',
    repository: { type: 'git', url: 'git+https://example.com/fit.git' },
    engines: { node: '>=20' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
  };
  const files: Record<string, string | null> = {
    'package.json': JSON.stringify(manifest),
    'README.md': '# fit\n',
    LICENSE: 'MIT\n',
    'dist/index.js': "export { a } from './a.js';\n",
    'dist/index.d.ts': "export { a } from './a.js';\n",
    'dist/a.js': 'export const a = 1;\n',
    'dist/a.d.ts': 'export declare const a = 1;\n',
    ...changes,
  };
  const directory = temporaryDirectory();
  try {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) continue;
      await mkdir(dirname(join(directory.path, path)), { recursive: true });
      await writeFile(join(directory.path, path), text);
    }
    return (await checkPublish(directory.path, 'fit')).map(formatFinding);
  } finally {
    await directory.remove();
  }
}

describe('checkPublish', () => {
  const manifest = (changes: object): string =>
    JSON.stringify({
      name: '@example/fit',
      version: '1.0.0',
      license: 'MIT',
      type: 'module',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      files: ['dist'],
      ...changes,
    });

  it('finds nothing in a package that is fit', async () => {
    expect(await check({})).toEqual([]);
  });

  it('catches files that are missing, and files that nobody needs', async () => {
    const findings = await check({ 'README.md': null, 'dist/.tsbuildinfo': '{}' });
    expect(findings).toContain('fit: the package lacks README.md');
    expect(findings.join()).toContain('holds dist/.tsbuildinfo');
  });

  it('catches an entry whose file does not exist', async () => {
    const exports = { '.': './dist/index.js', './more': './dist/more.js' };
    expect((await check({ 'package.json': manifest({ exports }) })).join('\n')).toMatch(
      /publint: .*dist\/more\.js/,
    );
  });

  it('catches types that do not come first', async () => {
    const exports = { '.': { default: './dist/index.js', types: './dist/index.d.ts' } };
    expect((await check({ 'package.json': manifest({ exports }) })).join('\n')).toMatch(
      /publint: .*types.*first/,
    );
  });

  it('catches types that cannot be found or do not tell the truth', async () => {
    const missing = { 'dist/index.d.ts': "export { a } from './missing.js';\n" };
    expect((await check(missing)).join('\n')).toContain('types: InternalResolutionError');
    const commonjs = { 'package.json': manifest({ type: 'commonjs' }) };
    expect((await check(commonjs)).length).toBeGreaterThan(0);
  });
});
