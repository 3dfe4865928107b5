// Plays the scripts of packages/simulator/scripts. SLOTMESH_REWRITE=1 writes what they tell now into
// them: read the difference.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CHAPTERS } from '../../src/script/commands/index.ts';
import { describeDifferences, runScript } from '../../src/script/runner.ts';

const folder = fileURLToPath(new URL('../../scripts/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
const isRewriting = process.env.SLOTMESH_REWRITE === '1';

describe('scripts', () => {
  test.each(names)('%s', (name) => {
    const path = folder + name;
    const script = readFileSync(path, 'utf8');
    const { text, differences } = runScript(script);
    if (isRewriting) {
      if (text !== script) writeFileSync(path, text);
      return;
    }
    if (differences.length > 0) expect.fail(`${name}, ${describeDifferences(differences)}`);
    // Nothing but what is told may differ: a script stands in the form in which it is written.
    expect(text).toBe(script);
  });

  test('the list of scripts names each of them', () => {
    const list = readFileSync(`${folder}README.md`, 'utf8');
    const named = [...list.matchAll(/\]\(([a-z0-9-]+\.txt)\)/g)].map((match) => match[1]);
    expect(named).toEqual([...names].sort());
  });

  test('a script tells the same twice', () => {
    const script = readFileSync(`${folder}failure.txt`, 'utf8');
    expect(runScript(script)).toEqual(runScript(script));
  });

  test('every command is used by some script', () => {
    const lines = names.flatMap((name) => readFileSync(folder + name, 'utf8').split('\n'));
    const used = new Set(lines.map((line) => line.split(' ')[0]));
    const all = CHAPTERS.flatMap(({ commands }) => commands.map(({ name }) => name));
    expect(all.filter((name) => !used.has(name))).toEqual([]);
  });
});
