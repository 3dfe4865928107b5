// The command table as handlers see it: to describe commands, not to run them.

import type { Arguments } from '@slotmesh/resp';
import type { CommandFacts, KeySpec } from './table/facts.ts';

/** One command, or one subcommand. */
export interface CommandEntry {
  /** Number within the catalog: what counters are kept by. */
  readonly id: number;
  readonly spec: CommandFacts;
  /** `get`, `client|list`. */
  readonly fullName: string;
  readonly parent: CommandEntry | null;
  /** `CommandFlag` bits. */
  readonly flags: number;
  readonly keys: KeySpec | null;
  /** Of a container. */
  readonly subcommands: { readonly commands: readonly CommandEntry[] } | null;
  /** Whether it may have so many arguments, its name among them. */
  accepts(argumentCount: number): boolean;
}

export interface CommandCatalog {
  /** Commands and subcommands by their `id`. */
  readonly all: readonly CommandEntry[];
  /** Commands without their subcommands, in the order of the table. */
  readonly index: { readonly commands: readonly CommandEntry[] };
  /**
   * The command that the arguments from `at` on name: a container's subcommand, or the container itself where it stands
   * alone; null if there is none.
   */
  resolve(args: Arguments, at?: number): CommandEntry | null;
  /** The command of a full name such as `get` or `client|list`, in any case; null if there is none. */
  findFullName(bytes: Uint8Array, start: number, end: number): CommandEntry | null;
}
