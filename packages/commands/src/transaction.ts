// Commands that wait: between MULTI and EXEC, and while clients are paused. They keep copies of their bytes, for the
// input that they came in is gone by then.

import type { Arguments } from '@slotmesh/resp';
import type { CommandEntry } from './catalog.ts';

/** The arguments of one command, in memory of their own. */
export class KeptArguments implements Arguments {
  readonly count: number;
  readonly buffer: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(args: Arguments) {
    const { count } = args;
    this.count = count;
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
    let length = 0;
    for (let i = 0; i < count; i++) {
      this.starts[i] = length;
      length += args.ends[i] - args.starts[i];
      this.ends[i] = length;
    }
    this.buffer = new Uint8Array(length);
    for (let i = 0; i < count; i++) {
      this.buffer.set(args.buffer.subarray(args.starts[i], args.ends[i]), this.starts[i]);
    }
  }
}

export interface QueuedCommand {
  readonly command: CommandEntry;
  readonly args: KeptArguments;
}

/** What a client has queued since MULTI. */
export class Transaction {
  readonly queue: QueuedCommand[] = [];
  /** Flags of all queued commands, combined: {@link CommandFlag} bits. */
  flags = 0;
  /** Flags that at least one of them lacks. */
  missingFlags = 0;
  /** A command was refused: EXEC will refuse them all. */
  isBroken = false;
  /** Bytes of the queued arguments, for CLIENT LIST. */
  bytes = 0;

  add(command: CommandEntry, args: Arguments): void {
    const kept = new KeptArguments(args);
    this.queue.push({ command, args: kept });
    this.flags |= command.flags;
    this.missingFlags |= ~command.flags;
    this.bytes += kept.buffer.length;
  }
}
