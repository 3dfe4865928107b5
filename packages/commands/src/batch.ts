// Hot path: commands that are read ahead of their turn; bench in bench/execute.bench.ts.
//
// Of a pipeline several commands are read before the first is executed, so that the memory which they will look at is
// fetched for all of them together. What is found out about a command on the way, which one it is and the slot of its
// key, is kept for its turn: it depends on nothing but its bytes.

import { CommandArguments, type CommandDecoder, ProtocolError } from '@slotmesh/resp';
import type { Command } from './command.ts';

/** Commands of one batch. */
const BATCH_MAX = 16;

/** A command that waits for its turn. */
export class PendingCommand extends CommandArguments {
  /** Null where there is none of that name. */
  command: Command | null = null;
  /** The slot of its only key, -1 = it has none, or it was not asked for. */
  slot = -1;
}

/** The next commands of one client. Its memory serves one client after the other. */
export class CommandBatch {
  size = 0;
  readonly commands: readonly PendingCommand[] = Array.from(
    { length: BATCH_MAX },
    () => new PendingCommand(),
  );

  /**
   * Reads commands, one or as many as there are up to a limit; false where there is none. Where the stream breaks, the
   * commands before that come first: the decoder says it again.
   * @throws ProtocolError
   */
  read(decoder: CommandDecoder, onlyOne: boolean): boolean {
    this.size = 0;
    if (!decoder.next()) return false;
    decoder.moveTo(this.commands[this.size++]);
    if (onlyOne || !decoder.isLasting) return true;
    this.#readMore(decoder);
    return true;
  }

  #readMore(decoder: CommandDecoder): void {
    try {
      while (this.size < BATCH_MAX && decoder.next()) {
        decoder.moveTo(this.commands[this.size++]);
        if (!decoder.isLasting) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
}
