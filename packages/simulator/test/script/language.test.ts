// The language itself: what is wrong with a script is said with its line, before or while it is
// played, and the page about it is the parser's own.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Invariant } from '../../src/index.ts';
import { REGISTRY } from '../../src/index.ts';
import { CHAPTERS } from '../../src/script/commands/index.ts';
import { ScriptError } from '../../src/script/errors.ts';
import { idOf, indexOf, nameList, nameOf } from '../../src/script/names.ts';
import { commandsPage } from '../../src/script/page.ts';
import { describeDifferences, runScript } from '../../src/script/runner.ts';
import { parseScript } from '../../src/script/script.ts';

function errorOf(script: string, play: (script: string) => unknown): ScriptError {
  try {
    play(script);
  } catch (error) {
    if (error instanceof ScriptError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('reading', () => {
  test.each([
    ['jump A', 'UNKNOWN_COMMAND', "there is no command 'jump'"],
    ['cluster', 'BAD_ARGUMENT', 'number of nodes is missing'],
    ['cluster three', 'BAD_ARGUMENT', "'three' is no number of nodes"],
    ['cluster 3 voters 4', 'BAD_ARGUMENT', '4 of 3 nodes cannot be voters'],
    ['kill a', 'BAD_ARGUMENT', "'a' is no node"],
    ['kill C-A', 'BAD_ARGUMENT', "'C-A' runs backwards"],
    ['cut A', 'BAD_ARGUMENT', "'A' is no link"],
    ['drop ping A<>B', 'BAD_ARGUMENT', 'one way'],
    ['drop gossip A>B', 'BAD_ARGUMENT', "'gossip' is no kind"],
    ['wait 3', 'BAD_ARGUMENT', "'3' is no time"],
    ['wait until A dances', 'BAD_ARGUMENT', "'dance' is no verb"],
    ['wait until A agree B', 'BAD_ARGUMENT', "'B' is too much"],
    ['addslots A 0-16384', 'BAD_ARGUMENT', ''],
    ['forge ping A>B colour=red', 'BAD_ARGUMENT', "a message has no 'colour'"],
    ['frame ping A>B u8@0=1', 'BAD_ARGUMENT', "'with' is missing"],
    ['frame ping A>B with u24@0=1', 'BAD_ARGUMENT', "'u24' is no patch"],
    ['world colour=red', 'BAD_ARGUMENT', "a world has no 'colour'"],
    ['world lease=maybe', 'BAD_ARGUMENT', 'neither yes nor no'],
    ['world election=raft', 'BAD_ARGUMENT', 'neither redis nor valkey9'],
    ['tell jokes', 'BAD_ARGUMENT', "there are no 'jokes' events"],
    ['for N of 1-3', 'BAD_SYNTAX', 'a loop is'],
    ['for N in 3-1', 'BAD_SYNTAX', "'3-1' is empty"],
  ])('%s', (line, code, message) => {
    const error = errorOf(`# A story.\n${line}\n`, parseScript);
    expect(error.code).toBe(code);
    expect(error.line).toBe(2);
    expect(error.message).toContain(message);
  });

  test('blocks, comments, dashes, loops', () => {
    const script = '# One.\n\nfor N in 1-3 7\nwait $Ns\n----\nN = 1-3 7\n\n\n# Two.\nnodes 1\n';
    const [comment, loop, plain] = parseScript(script);
    expect(comment.takes).toEqual([]);
    expect(loop.takes.map(({ value }) => value)).toEqual(['1', '2', '3', '7']);
    expect([loop.variable, loop.line, loop.expected]).toEqual(['N', 3, ['N = 1-3 7']]);
    expect(plain.takes[0].statements[0].line).toBe(10);
  });

  test('names sort as ids do', () => {
    const indices = Array.from({ length: 26 * 27 }, (_, i) => i);
    expect(indices.map((i) => indexOf(nameOf(i)))).toEqual(indices);
    expect(new Set(indices.map(idOf)).size).toBe(indices.length);
    expect(idOf(0) < idOf(1)).toBe(true);
    expect(nameList([27, 0, 1, 2, 5, 4])).toBe('A-C E F AB');
  });
});

describe('playing', () => {
  test.each([
    ['cluster 2\nkill C', 'NO_SUCH_NODE', 'there is no node C'],
    ['cluster 2\nkill B\nbumpepoch B', 'NOT_POSSIBLE', 'B is down'],
    ['cluster 2\nfile A empty', 'NOT_POSSIBLE', 'A is up'],
    ['nodes 2\nforge ping A>B', 'NOT_POSSIBLE', 'no connection'],
    ['cluster 2\nrelease A>B', 'NOT_POSSIBLE', 'nothing is held'],
    ['cluster 2\nexpect A sees B fail', 'NOT_SO', 'A sees B ok, primary'],
    ['cluster 2\nwait until A ignores B within 1s', 'NOT_SO', 'not within 1000 ms'],
    ['cluster 2\ndrop meet A>B', 'NOT_SO', 'never came: meet from A to B'],
    ['cluster 2\npower A in save 9', 'NOT_SO', 'never came: write number 9'],
  ])('%s', (script, code, message) => {
    const error = errorOf(script, runScript);
    expect(error.code).toBe(code);
    expect(error.line).toBe(script.split('\n').length);
    expect(error.message).toContain(message);
  });

  test('an invariant that breaks ends the script at its line', () => {
    const never: Invariant = {
      id: 'X1',
      title: 'nobody bumps epochs',
      source: 'this test',
      watch: () => ({ executed: (_, { kind }) => (kind === 'bumpEpoch' ? 'it did' : null) }),
    };
    const registry = { ...REGISTRY, invariants: [never] };
    const script = 'cluster 2\nwait 1s\nbumpepoch A';
    const error = errorOf(script, (text) => runScript(text, registry));
    expect([error.code, error.line]).toEqual(['INVARIANT', 3]);
    expect(error.message).toContain('X1: it did');
  });

  test('what is told otherwise is a difference that can be read', () => {
    const script =
      'cluster 3\nkill C\nwait 4s\n----\nA B       fail        B\nA B       state       fail\n';
    const { differences, text } = runScript(script);
    expect(describeDifferences(differences)).toBe(
      [
        'line 1:',
        '  cluster 3',
        '  kill C',
        '  wait 4s',
        '  ----',
        '- A B       fail        B',
        '+ A B       fail        C',
        '  A B       state       fail',
      ].join('\n'),
    );
    expect(runScript(text).differences).toEqual([]);
  });
});

describe('the page', () => {
  const path = fileURLToPath(new URL('../../docs/scripts.md', import.meta.url));

  test('every example is read by its command', () => {
    for (const { name, example } of CHAPTERS.flatMap(({ commands }) => commands)) {
      const [block] = parseScript(example);
      expect(block.takes[0].statements[0].name).toBe(name);
    }
  });

  test('docs/scripts.md is the page that the commands make', () => {
    const page = commandsPage();
    if (process.env.SLOTMESH_REWRITE === '1') writeFileSync(path, page);
    else expect(readFileSync(path, 'utf8')).toBe(page);
  });
});
