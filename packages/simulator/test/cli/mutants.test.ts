// Each mutant is found, by a check that it names and within its number of seeds, and what finds it
// says nothing of the rules as they are.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildMutant, MutantError, patched } from '../../src/cli/mutants/build.ts';
import { findMutant, MUTANTS } from '../../src/cli/mutants/index.ts';
import { isScripted, type SearchedMutant } from '../../src/cli/mutants/mutant.ts';
import { mutantsPage } from '../../src/cli/mutants/page.ts';
import { type Found, playMutant, searchMutant } from '../../src/cli/mutants/search.ts';

const home = fileURLToPath(new URL('../..', import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

const SCRIPTED = MUTANTS.filter(isScripted);
/** Those that take longer are for `npm run simulate -- --mutants`. */
const QUICK_SEEDS_MEAN = 1.4;
const SEARCHED = MUTANTS.flatMap((mutant) => (isScripted(mutant) ? [] : [mutant]));
const QUICK = SEARCHED.filter(({ seedsMean }) => seedsMean <= QUICK_SEEDS_MEAN);

beforeAll(() => {
  // Mutants are made of what the packages were built to.
  const tsc = join(typescript, 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', join(home, 'src', 'cli')]);
  expect(status, String(stdout)).toBe(0);
});

/** What the rules as they are make of the same seeds: many mutants have their options in common. */
const unmutated = new Map<string, Promise<Found>>();
function searchReal(mutant: SearchedMutant, seeds: number): Promise<Found> {
  const key = JSON.stringify([mutant.options, seeds]);
  const found =
    unmutated.get(key) ?? searchMutant(mutant, { firstSeed: 1, seedsMax: seeds }, 'real');
  unmutated.set(key, found);
  return found;
}

describe('the search', () => {
  test.concurrent.each(QUICK)('finds $name', async (mutant) => {
    const { seedsMax, foundBy } = mutant;
    const { seeds, failed } = await searchMutant(mutant, { firstSeed: 1, seedsMax });
    expect(failed, `not found in ${seeds} seeds`).not.toBeNull();
    expect(foundBy).toContain(failed?.failure?.invariant);
    const real = await searchReal(mutant, seeds);
    expect(real.failed?.failure ?? null).toBeNull();
    expect(real.seeds).toBe(seeds);
  });
});

describe('a script', () => {
  test.concurrent.each(SCRIPTED)('$script tells $name', async (mutant) => {
    // That it tells nothing of the rules as they are is what test/script/scripts.test.ts is for.
    expect(await playMutant(mutant)).not.toBeNull();
  });
});

describe('the list', () => {
  test('has every name once, and a source and a check for each', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    for (const { name, source, breaks } of MUTANTS) {
      expect(name).toMatch(/^[a-z-]+$/);
      expect(source).not.toBe('');
      expect(breaks).toMatch(/\.$/);
    }
    for (const { foundBy, seedsMean, seedsMax } of SEARCHED) {
      expect(foundBy.length).toBeGreaterThan(0);
      expect(seedsMax).toBeGreaterThanOrEqual(4 * seedsMean);
    }
    expect(findMutant('pfail-and-fail').name).toBe('pfail-and-fail');
    expect(() => findMutant('no-such-thing')).toThrow(MutantError);
  });

  test('names what stands in the sources', () => {
    for (const { edits } of MUTANTS) {
      for (const edit of edits) {
        const source = readFileSync(join(home, '..', edit.file), 'utf8');
        expect(() => patched(source, edit), edit.file).not.toThrow();
      }
    }
  });

  test('is what docs/mutants.md shows', () => {
    const path = join(home, 'docs', 'mutants.md');
    const page = mutantsPage(MUTANTS);
    if (process.env.SLOTMESH_REWRITE === '1') writeFileSync(path, page);
    expect(readFileSync(path, 'utf8')).toBe(page);
  });
});

describe('an edit', () => {
  const edit = { file: 'a/src/b.ts', find: 'if (a.b[0]) return c;', replace: 'c($1);' };

  test('changes one place, whatever the white space in it', () => {
    expect(patched('x;\nif (a.b[0])\n    return c;\ny;\n', edit)).toBe('x;\nc($1);\ny;\n');
  });

  test.each([
    ['is not there', 'if (a.b[1]) return c;'],
    ['is there 2 times', 'if (a.b[0]) return c; if (a.b[0]) return c;'],
  ])('that %s is refused', (why, text) => {
    expect(() => patched(text, edit)).toThrow(MutantError);
    expect(() => patched(text, edit)).toThrow(why);
  });

  test('of a file that there is not leaves nothing behind', () => {
    const edits = [{ ...edit, file: 'gossip/src/no-such-file.ts' }];
    expect(() => buildMutant({ edits })).toThrow('there is no gossip/src/no-such-file.ts');
  });
});

describe('a build', () => {
  test('has its own rules, leaves the real ones alone, and goes when it is done', () => {
    const [edit] = findMutant('fail-never-cleared').edits;
    const [name, , path] = edit.file.split('/');
    const built = (modules: string): string =>
      readFileSync(join(modules, name, 'dist', path.replace('.ts', '.js')), 'utf8');
    const build = buildMutant({ edits: [edit] });
    const modules = join(dirname(fileURLToPath(build.main)), '..', '..', '..');
    expect(built(modules)).toContain(edit.replace);
    expect(built(modules)).toBe(patched(built(join(home, '..')), edit));
    build.remove();
    expect(existsSync(modules)).toBe(false);
  });
});
