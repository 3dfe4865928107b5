// The command line of redis-server: a file first, then `--name value...` pairs that override it. The pairs become lines
// of a configuration text, so everything else is said once, in load.ts.

import { resolve } from 'node:path';
import { quoteArgument, splitArguments } from './arguments.ts';

export type CommandLine =
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }
  | { readonly kind: 'testMemory' }
  | {
      readonly kind: 'start';
      /** Absolute; '' = none. */
      readonly configFile: string;
      /** `-` was given: more lines come from standard input. */
      readonly readsStdin: boolean;
      /** The pairs as lines. */
      readonly options: string;
    };

/** Understands the arguments after the program's own name. */
export function parseCommandLine(args: readonly string[], workingDirectory: string): CommandLine {
  if (args.length === 1 && (args[0] === '-v' || args[0] === '--version'))
    return { kind: 'version' };
  if (args.length === 1 && (args[0] === '-h' || args[0] === '--help')) return { kind: 'help' };
  if (args[0] === '--test-memory') return { kind: 'testMemory' };
  const hasFile = args.length > 0 && !args[0].startsWith('-');
  const rest = hasFile ? args.slice(1) : args;
  // `-` stands for standard input as the first argument, or as the last.
  const readsStdin = rest.some((arg, i) => isStdin(arg, i, rest.length, hasFile));
  const pairs = rest.filter((arg, i) => !isStdin(arg, i, rest.length, hasFile));
  return {
    kind: 'start',
    configFile: hasFile ? resolve(workingDirectory, args[0]) : '',
    readsStdin,
    options: optionLines(pairs),
  };
}

function isStdin(arg: string, index: number, length: number, hasFile: boolean): boolean {
  return arg === '-' && ((index === 0 && !hasFile) || index === length - 1);
}

/**
 * An argument that starts with `--` begins a line, but right after a bare name it is that name's value. `--save` alone
 * means no save points. A name and its value may come in one argument.
 */
function optionLines(args: readonly string[]): string {
  const lines: string[] = [];
  let nameMayFollow = true;
  args.forEach((arg, i) => {
    if (nameMayFollow && arg.startsWith('--')) {
      const isBareName = splitArguments(arg)?.length === 1;
      const saveAlone =
        arg.toLowerCase() === '--save' && (i === args.length - 1 || args[i + 1].startsWith('--'));
      lines.push(arg.slice(2) + (isBareName && saveAlone ? ' ""' : ''));
      nameMayFollow = !isBareName || saveAlone;
    } else {
      lines.push(`${lines.pop() ?? ''} ${quoteArgument(arg)}`);
      nameMayFollow = true;
    }
  });
  return lines.join('\n');
}
