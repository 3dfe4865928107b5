// The facts of a command that COMMAND INFO and COMMAND DOCS print, in the words of the wire.

import type { ArgumentSpec } from './arguments.ts';

/** Where the keys are: arguments `first`, `first + step`, ... to `last`; a negative `last` counts from the end. */
export interface KeySpec {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** What happens to them: words such as `RO`, `RW`, `OW`, `RM`, `access`, `update`, `delete`, `not_key`. */
  readonly flags: string;
  readonly notes?: string;
}

/** What is true of a command, whoever carries it out. */
export interface CommandFacts {
  /** Lower case; of a subcommand its own word only. */
  readonly name: string;
  /** Number of arguments with the name; negative: at least so many. */
  readonly arity: number;
  /** Words such as `write`, `fast`, `no_auth`, in the order of the wire. */
  readonly flags?: string;
  /** ACL categories that do not follow from the flags. */
  readonly categories?: string;
  /** Hints for clients, such as `request_policy:all_shards`. */
  readonly tips?: string;
  readonly keys?: KeySpec;
  /** Where not all keys are treated alike: the parts of {@link keys}, which then spans them and has no flags. */
  readonly keySpecs?: readonly KeySpec[];
  readonly summary: string;
  readonly since: string;
  readonly group:
    | 'string'
    | 'bitmap'
    | 'generic'
    | 'transactions'
    | 'pubsub'
    | 'connection'
    | 'server'
    | 'cluster'
    | 'scripting';
  readonly complexity: string;
  readonly docFlags?: string;
  readonly deprecatedSince?: string;
  readonly replacedBy?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly subcommands?: readonly CommandFacts[];
}

/** The keys of a command as COMMAND INFO lists them. */
export function keySpecsOf(spec: CommandFacts): readonly KeySpec[] {
  return spec.keySpecs ?? (spec.keys === undefined ? [] : [spec.keys]);
}
