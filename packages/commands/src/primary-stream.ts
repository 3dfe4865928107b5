// The primary's stream: commands that run whatever the state of this node is, and answer nothing. Expired keys are seen as
// the primary saw them when it ran the command: it sends a DEL for those that it found to be over. Nothing is routed: in
// cluster mode the slot is that of the keys. What is wrong with a command is told to the port, for the data may not be the
// primary's any more.

import { keySlotOfRange } from '@slotmesh/crc16-slots';
import type { Arguments } from '@slotmesh/resp';
import type { CommandEntry } from './catalog.ts';
import type { Command, CommandTable } from './command.ts';
import { CommandFlag } from './command-flags.ts';
import type { CommandContext } from './context.ts';
import type { Session } from './session.ts';
import { unknownCommandText } from './unknown-command.ts';

/** The slot of the first key; 0 outside of a cluster, and where there is none. */
export function slotOf(context: CommandContext, { keys }: CommandEntry, args: Arguments): number {
  if (context.ports.cluster === null || keys === null || keys.first >= args.count) return 0;
  return keySlotOfRange(args.buffer, args.starts[keys.first], args.ends[keys.first]);
}

export class PrimaryStream {
  readonly #context: CommandContext;
  readonly #table: CommandTable;
  readonly #run: (command: Command, args: Arguments) => void;

  /** `run` runs a command that may run, in the context. */
  constructor(
    context: CommandContext,
    table: CommandTable,
    run: (command: Command, args: Arguments) => void,
  ) {
    this.#context = context;
    this.#table = table;
    this.#run = run;
  }

  execute(session: Session, args: Arguments): void {
    if (session.closed) return;
    const context = this.#context;
    const command = this.#table.resolve(args);
    context.session = session;
    context.failed = false;
    context.nowMs = context.ports.clock.wallMs();
    session.lastCommandAtMs = context.nowMs;
    session.lastCommand = command === null ? 'NULL' : command.fullName;
    if (context.tracking.isActive) context.tracking.current = session;
    context.ports.keyspace.expiredKeys = 'keep';
    if (command === null) {
      this.#reject(null, unknownCommandText(this.#table, args));
    } else {
      context.command = command;
      this.#accept(command, args);
    }
    context.expiryChanged();
    if (context.tracking.isActive) context.tracking.flush(session);
    session.reply.truncate(0);
  }

  #accept(command: Command, args: Arguments): void {
    const context = this.#context;
    const { session } = context;
    if (command.run === null || !command.accepts(args.count)) {
      const text = `ERR wrong number of arguments for '${command.fullName}' command`;
      this.#reject(command.fullName, text);
    } else if (session.transaction !== null && (command.flags & CommandFlag.inTransaction) === 0) {
      session.transaction.add(command, args);
    } else {
      context.database = context.databases[session.database];
      context.slot = slotOf(context, command, args);
      this.#run(command, args);
    }
  }

  #reject(name: string | null, text: string): void {
    const { session, stats, replication } = this.#context;
    if (session.transaction !== null) session.transaction.isBroken = true;
    this.#context.streamErrors++;
    stats.countError(text);
    replication?.streamFailed(name, text);
  }
}
