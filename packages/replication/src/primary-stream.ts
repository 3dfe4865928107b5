// Hot path: per command of the stream. Cuts what a primary sends into commands, and knows how many of its bytes may be
// called applied: those of whole commands, and of a transaction only when it has been executed. A link that breaks in
// the middle of a transaction begins again before its MULTI.

import { CommandDecoder, type CommandLimits, DEFAULT_COMMAND_LIMITS } from '@slotmesh/resp';

/** Whether the name of the command at hand is `name`, which is in capital letters. */
function isNamed({ buffer, starts, ends }: CommandDecoder, name: string): boolean {
  const start = starts[0];
  if (ends[0] - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    // Only letters can become capital letters by the loss of this bit, but for a few signs that no name has.
    if ((buffer[start + i] & 0xdf) !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** The stream of one link, from its `streamBegin` to its `streamEnd`. */
export class PrimaryStream {
  /** The command at hand; its arguments are valid until the next call of `next` or `push`. */
  readonly args: CommandDecoder;
  #received = 0;
  #taken = 0;
  /** Where the command at hand begins. */
  #commandAt = 0;
  /** Where the transaction that is open began; -1 if there is none. */
  #transactionAt = -1;
  #closesTransaction = false;

  constructor(limits: CommandLimits = DEFAULT_COMMAND_LIMITS) {
    this.args = new CommandDecoder(limits);
  }

  /** Adds the bytes of an `apply` effect. */
  push(bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.args.push(bytes);
  }

  /**
   * Reads the next command; false if more bytes are needed. The one before has been executed by then.
   * @throws ProtocolError if the primary sends no commands: say `linkDown`, and close the link
   */
  next(): boolean {
    const before = this.#read;
    if (this.#closesTransaction) {
      this.#transactionAt = -1;
      this.#closesTransaction = false;
    }
    if (!this.args.next()) return false;
    this.#commandAt = before;
    if (this.#transactionAt < 0) {
      if (isNamed(this.args, 'MULTI')) this.#transactionAt = before;
    } else {
      this.#closesTransaction = isNamed(this.args, 'EXEC') || isNamed(this.args, 'DISCARD');
    }
    return true;
  }

  get #read(): number {
    return this.#received - this.args.buffered;
  }

  /**
   * How many bytes have been applied since this was last asked, all commands that were read having been executed; but for
   * the one at hand, where `isLastDone` is false.
   */
  takeApplied(isLastDone = true): number {
    const isOpen = this.#transactionAt >= 0 && !(this.#closesTransaction && isLastDone);
    const read = isLastDone ? this.#read : this.#commandAt;
    const end = isOpen ? this.#transactionAt : read;
    const count = end - this.#taken;
    this.#taken = end;
    return count;
  }
}
