// The text of a script: blocks between blank lines. A block is comments (#) that tell the story,
// commands, a line of dashes, and what is expected to be told. `for X in ...` as a block's first
// command plays the rest of it once for each value, each time in a new world.

import type { Action } from './command.ts';
import { commandOf } from './commands/index.ts';
import { ScriptError } from './errors.ts';
import { Words } from './words.ts';

export const DASHES = '----';

export interface Statement {
  /** Of the script, from 1. */
  readonly line: number;
  readonly name: string;
  readonly run: Action;
}

/** The statements for one value of a loop; `value` is null where there is no loop. */
export interface Take {
  readonly value: string | null;
  readonly statements: readonly Statement[];
}

export interface Block {
  /** Of its first line. */
  readonly line: number;
  /** What stands above the dashes, as it stands there. */
  readonly head: readonly string[];
  /** The variable of its loop; null = it is played once, where the block before left off. */
  readonly variable: string | null;
  /** Empty: comments and nothing else. */
  readonly takes: readonly Take[];
  readonly expected: readonly string[];
}

/** @throws ScriptError with the line of what cannot be read */
export function parseScript(text: string): readonly Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] === '') continue;
    const first = i;
    while (i < lines.length && lines[i] !== '') i++;
    blocks.push(parseBlock(lines.slice(first, i), first + 1));
  }
  return blocks;
}

function parseBlock(lines: readonly string[], line: number): Block {
  const dashes = lines.indexOf(DASHES);
  const head = dashes === -1 ? lines : lines.slice(0, dashes);
  const expected = dashes === -1 ? [] : lines.slice(dashes + 1);
  const sources = head
    .map((source, i) => ({ source, line: line + i }))
    .filter(({ source }) => !source.startsWith('#'));
  const [first] = sources;
  const loop = first === undefined ? null : parseLoop(first.source, first.line);
  if (loop === null) {
    const statements = sources.map((one) => parseStatement(one.source, one.line));
    const takes = statements.length === 0 ? [] : [{ value: null, statements }];
    return { line, head, variable: null, takes, expected };
  }
  const takes = loop.values.map((value): Take => {
    const statements = sources.slice(1).map((one) => {
      return parseStatement(one.source.replaceAll(`$${loop.variable}`, value), one.line);
    });
    return { value, statements };
  });
  return { line, head, variable: loop.variable, takes, expected };
}

function parseStatement(source: string, line: number): Statement {
  const [name, ...words] = source.trim().split(/\s+/);
  const command = commandOf(name);
  if (command === undefined) {
    throw new ScriptError('UNKNOWN_COMMAND', `there is no command '${name}'`, line);
  }
  try {
    return { line, name, run: command.parse(new Words(words)) };
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    throw new ScriptError(error.code, `${name}: ${error.message}`, line, error);
  }
}

/** 'for N in 1-20', 'for N in 0-1000 step 50', 'for KIND in ping pong', 'for LOST in ping A>B | pong B>A'. */
function parseLoop(
  source: string,
  line: number,
): { readonly variable: string; readonly values: readonly string[] } | null {
  if (!source.startsWith('for ')) return null;
  const match = /^for ([A-Z]+) in (.+?)(?: step (\d+))?$/.exec(source);
  if (match === null) throw new ScriptError('BAD_SYNTAX', "a loop is 'for X in 1-9 step 2'", line);
  const [, variable, list, step = '1'] = match;
  const values = list.split(list.includes('|') ? /\s*\|\s*/ : /\s+/).flatMap((word) => {
    const range = /^(\d+)-(\d+)$/.exec(word);
    if (range === null) return [word];
    const [first, last, stride] = [Number(range[1]), Number(range[2]), Number(step)];
    if (last < first || stride === 0)
      throw new ScriptError('BAD_SYNTAX', `'${word}' is empty`, line);
    const count = Math.floor((last - first) / stride) + 1;
    return Array.from({ length: count }, (_, i) => String(first + i * stride));
  });
  return { variable, values };
}
