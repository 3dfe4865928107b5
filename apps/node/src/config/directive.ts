// What the configuration knows of one directive. One table of these (table/*.ts) drives everything: reading files and
// the command line, CONFIG GET, CONFIG SET, CONFIG REWRITE and the page that lists them.

/** A value that a directive does not take; the message is worded as redis-server 7.0 words it. */
export class DirectiveError extends Error {
  override readonly name = 'DirectiveError';
  readonly code = 'BAD_VALUE';
}

/** How values of a kind are read and written. A value is kept as the text that CONFIG GET prints. */
export interface Kind {
  /** Takes any number of arguments, not just one; CONFIG SET splits its value at spaces. */
  readonly takesMany: boolean;
  /**
   * The value that the arguments mean. `current` is the value so far; `fromFile` is given in a file and on the command
   * line, where some directives add up from line to line. Throws {@link DirectiveError}.
   */
  parse(args: readonly string[], current: string, fromFile: FileContext | null): string;
  /** What CONFIG REWRITE writes: the arguments of each line; null = the directive must not stand in the file. */
  lines(value: string): readonly string[] | null;
}

export interface FileContext {
  /** The directive has not been given yet. */
  readonly first: boolean;
}

export interface Directive {
  readonly name: string;
  /** An older or a Valkey name of the same thing. */
  readonly alias: string | null;
  readonly kind: Kind;
  /** The value where it is not given, as CONFIG GET prints it. */
  readonly standard: string;
  /** Given at the start only. */
  readonly fixed: boolean;
  /** CONFIG SET needs `enable-protected-configs`. */
  readonly guarded: boolean;
  /** Found by its whole name only, never by a pattern. */
  readonly hidden: boolean;
  /** It does something here. The others are accepted, kept and told, so that existing files and tools work. */
  readonly used: boolean;
  /** It must stand in a rewritten file even at its standard value, if it has one. */
  readonly alwaysWritten: boolean;
}

export type DirectiveOptions = Partial<
  Pick<Directive, 'alias' | 'fixed' | 'guarded' | 'hidden' | 'used' | 'alwaysWritten'>
>;

export function directive(
  name: string,
  kindAndStandard: readonly [kind: Kind, standard: string],
  options: DirectiveOptions = {},
): Directive {
  const [kind, standard] = kindAndStandard;
  return {
    name,
    alias: options.alias ?? null,
    kind,
    standard,
    fixed: options.fixed ?? false,
    guarded: options.guarded ?? false,
    hidden: options.hidden ?? false,
    used: options.used ?? false,
    alwaysWritten: options.alwaysWritten ?? false,
  };
}
