// How a command of the language is written: one ScriptCommand. It reads its words when the script is
// read, so that what is wrong with a line shows before anything runs, and gives what is done then.

import type { Stage } from './stage.ts';
import type { Words } from './words.ts';

/** Carries a command out. What it gives is told before the news. */
export type Action = (stage: Stage) => readonly string[];

export interface ScriptCommand {
  readonly name: string;
  /** What follows the name, for the page about the language. */
  readonly usage: string;
  /** Sentences, for the same page. */
  readonly summary: string;
  /** One line. */
  readonly example: string;
  parse(words: Words): Action;
}

export const NOTHING: readonly string[] = [];
