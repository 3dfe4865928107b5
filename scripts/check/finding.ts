// What a check has to say.

/** One violation of a rule. */
export interface Finding {
  /** Path from the root. */
  readonly file: string;
  /** From 1 on; 0 where the whole file is meant. */
  readonly line: number;
  readonly message: string;
}

/** As compilers print it, so that terminals and editors can jump there. */
export function formatFinding({ file, line, message }: Finding): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}
