// Reads redis.conf text into a configuration. The file, standard input and the command line are read as one text, in
// that order, so that a later line overrides an earlier one wherever it came from, and line numbers count on.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { splitArguments } from './arguments.ts';
import type { Config } from './config.ts';
import { DirectiveError } from './directive.ts';
import { expandPath } from './expand-path.ts';
import { systemText } from './system-text.ts';
import { findDirective, RETIRED_DIRECTIVES } from './table/index.ts';

/** A line that cannot be taken. The message is what redis-server 7.0 prints after the line. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
  readonly code = 'BAD_LINE';
  /** From 1; of the file, or of the included file, that it stands in. */
  readonly lineNumber: number;
  readonly line: string;

  constructor(lineNumber: number, line: string, reason: string) {
    super(reason);
    this.lineNumber = lineNumber;
    this.line = line;
  }
}

/** A configuration file that cannot be read. */
export class ConfigReadError extends Error {
  override readonly name = 'ConfigReadError';
  readonly code = 'UNREADABLE';
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`can't open config file '${path}': ${reason}`);
    this.path = path;
  }
}

/** A file that includes itself would never end. */
const INCLUDE_DEPTH_MAX = 16;

/** Statements that are not directives, and why a file that has one cannot be served. */
const UNSUPPORTED = new Map([
  ['rename-command', 'rename-command is not supported'],
  ['loadmodule', 'modules are not supported'],
  ['sentinel', 'sentinel directive while not in sentinel mode'],
]);

/** The text of a configuration file. Throws {@link ConfigReadError}, with the path as it was given. */
export function readConfigFile(path: string, given: string = path): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigReadError(given, systemText(error));
  }
}

/** Takes every line of `text` into `config`. Throws {@link ConfigFileError} or {@link ConfigReadError}. */
export function loadConfigText(config: Config, text: string, depth = 0): void {
  text.split('\n').forEach((raw, index) => {
    const line = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    if (line === '' || line.startsWith('#')) return;
    try {
      loadLine(config, line, depth);
    } catch (error) {
      if (!(error instanceof DirectiveError)) throw error;
      throw new ConfigFileError(index + 1, line, error.message);
    }
  });
}

/** What no line alone shows to be wrong, when all lines are read. Throws {@link ConfigFileError}. */
export function checkWhole(config: Config): void {
  if (config.isOn('cluster-enabled') && config.text('replicaof') !== '') {
    throw new ConfigFileError(0, '', 'replicaof directive not allowed in cluster mode');
  }
}

function loadLine(config: Config, line: string, depth: number): void {
  const args = splitArguments(line);
  if (args === null) throw new DirectiveError('Unbalanced quotes in configuration line');
  if (args.length === 0) return;
  const name = args[0].toLowerCase();
  const directive = findDirective(name);
  if (directive !== undefined) {
    config.load(directive, args.slice(1));
  } else if (name === 'include' && args.length === 2) {
    include(config, args[1], depth);
  } else if (name === 'user' && args.length >= 2) {
    config.defaultUser.load(args.slice(1));
  } else if (!(RETIRED_DIRECTIVES.has(name) && args.length === 2)) {
    const reason = args.length > 1 ? UNSUPPORTED.get(name) : undefined;
    throw new DirectiveError(reason ?? 'Bad directive or wrong number of arguments');
  }
}

/** A pattern may match nothing; a plain name must be there, and is shown as it was given. */
function include(config: Config, pattern: string, depth: number): void {
  if (depth >= INCLUDE_DEPTH_MAX) throw new DirectiveError('include goes too deep');
  const path = resolve(config.text('dir'), pattern);
  const paths = expandPath(path);
  const isPlain = paths.length === 1 && paths[0] === path;
  const texts = paths.map((one) => readConfigFile(one, isPlain ? pattern : one));
  loadConfigText(config, texts.join(''), depth + 1);
}
