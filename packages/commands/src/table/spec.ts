// The shape of one row of the command table. Rows hold the facts that COMMAND INFO and COMMAND DOCS print, in the
// words of the wire, and the function that carries the command out.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import type { CommandContext } from '../context.ts';
import type { ArgumentSpec } from './arguments.ts';

/** Carries a command out and writes exactly one reply (subscriptions: one per channel). */
export type CommandHandler = (context: CommandContext, args: Arguments, reply: ReplyWriter) => void;

/** Where the keys are: arguments `first`, `first + step`, ... to `last`; a negative `last` counts from the end. */
export interface KeySpec {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** What happens to them: words such as `RO`, `RW`, `OW`, `RM`, `access`, `update`, `delete`, `not_key`. */
  readonly flags: string;
  readonly notes?: string;
}

export interface CommandSpec {
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
  readonly summary: string;
  readonly since: string;
  readonly group:
    | 'string'
    | 'generic'
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
  /** A container has these and no `run`. */
  readonly subcommands?: readonly CommandSpec[];
  readonly run?: CommandHandler;
}
