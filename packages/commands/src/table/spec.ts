// The shape of one row of the command table: the facts, and the function that carries the command out.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import type { CommandContext } from '../context.ts';
import type { CommandFacts } from './facts.ts';

/** Carries a command out and writes exactly one reply (subscriptions: one per channel). */
export type CommandHandler = (context: CommandContext, args: Arguments, reply: ReplyWriter) => void;

export interface CommandSpec extends CommandFacts {
  /** A container has these and, mostly, no `run`. */
  readonly subcommands?: readonly CommandSpec[];
  readonly run?: CommandHandler;
}
