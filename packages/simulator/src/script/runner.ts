// Plays a script, and gives it back with what was told this time below the dashes.

import { REGISTRY, type Registry } from '../registry.ts';
import { type Block, DASHES, parseScript, type Statement } from './script.ts';
import { asScriptError, Stage } from './stage.ts';

/** A block that told something else than it says. */
export interface Difference {
  /** Of the block's first line, from 1. */
  readonly line: number;
  /** Its commands. */
  readonly head: readonly string[];
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

export interface ScriptResult {
  /** The script with what was told this time. */
  readonly text: string;
  /** Empty: everything came as the script says. */
  readonly differences: readonly Difference[];
  /** Virtual ms, of all its worlds. */
  readonly simulatedMs: number;
}

/**
 * @throws ScriptError where the script cannot be read, where something that it expects is not so, and
 * where an invariant breaks
 */
export function runScript(text: string, registry: Registry = REGISTRY): ScriptResult {
  const player = new Player(registry);
  const differences: Difference[] = [];
  const blocks = parseScript(text).map((block) => {
    if (block.takes.length === 0) return block.head.join('\n');
    const actual = player.play(block);
    const { line, head, expected } = block;
    if (actual.join('\n') !== expected.join('\n')) {
      differences.push({ line, head, expected, actual });
    }
    return [...head, DASHES, ...actual].join('\n');
  });
  player.end();
  return { text: `${blocks.join('\n\n')}\n`, differences, simulatedMs: player.simulatedMs };
}

/** Differences as a reader wants them: the commands, and the lines that went and came. */
export function describeDifferences(differences: readonly Difference[]): string {
  const parts = differences.map(({ line, head, expected, actual }) => {
    const lines = head.map((one) => `  ${one}`);
    return [`line ${line}:`, ...lines, `  ${DASHES}`, ...changes(expected, actual)].join('\n');
  });
  return parts.join('\n\n');
}

/** What both begin and end with stands once. */
function changes(expected: readonly string[], actual: readonly string[]): string[] {
  const shorter = Math.min(expected.length, actual.length);
  let start = 0;
  while (start < shorter && expected[start] === actual[start]) start++;
  let end = 0;
  while (end < shorter - start && expected.at(-1 - end) === actual.at(-1 - end)) end++;
  return [
    ...expected.slice(0, start).map((one) => `  ${one}`),
    ...expected.slice(start, expected.length - end).map((one) => `- ${one}`),
    ...actual.slice(start, actual.length - end).map((one) => `+ ${one}`),
    ...expected.slice(expected.length - end).map((one) => `  ${one}`),
  ];
}

class Player {
  simulatedMs = 0;
  readonly #registry: Registry;
  #stage: Stage | null = null;
  #lastLine = 0;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** What is told of a block. */
  play(block: Block): string[] {
    const { variable } = block;
    if (variable === null) return block.takes.flatMap((take) => this.#run(take.statements));
    const valuesByLines = new Map<string, string[]>();
    for (const { value, statements } of block.takes) {
      this.end();
      const lines = this.#run(statements).join('\n');
      const values = valuesByLines.get(lines);
      if (values === undefined) valuesByLines.set(lines, [value as string]);
      else values.push(value as string);
    }
    this.end();
    return [...valuesByLines].flatMap(([lines, values]) => {
      return [`${variable} = ${valueList(values)}`, ...(lines === '' ? [] : lines.split('\n'))];
    });
  }

  /** The world is left behind, and what comes next finds a new one. */
  end(): void {
    if (this.#stage === null) return;
    this.#attempt(this.#lastLine, (stage) => stage.end());
    this.simulatedMs += this.#stage.simulatedMs;
    this.#stage = null;
  }

  #run(statements: readonly Statement[]): string[] {
    const lines = statements.flatMap(({ line, run }) => this.#attempt(line, run));
    return [...lines, ...this.#attempt(this.#lastLine, (stage) => stage.news())];
  }

  #attempt<T>(line: number, act: (stage: Stage) => T): T {
    this.#lastLine = line;
    this.#stage ??= new Stage(this.#registry);
    try {
      return act(this.#stage);
    } catch (error) {
      throw asScriptError(error, line);
    }
  }
}

/** '1-20 25', or words as they are. */
function valueList(values: readonly string[]): string {
  const parts: string[] = [];
  for (let i = 0; i < values.length; i++) {
    let end = i;
    while (isNext(values[end], values[end + 1])) end++;
    if (end - i < 2) {
      parts.push(values[i]);
      continue;
    }
    parts.push(`${values[i]}-${values[end]}`);
    i = end;
  }
  return parts.join(values.some((value) => value.includes(' ')) ? ' | ' : ' ');
}

function isNext(value: string, other: string | undefined): boolean {
  return /^\d+$/.test(value) && other === String(Number(value) + 1);
}
