// What a simulated node asks of its disk. A node has one file that matters, nodes.conf, and the app
// replaces it whole: temporary file, fsync, rename, fsync of the directory. How a disk carries that
// out, how long it takes and what a crash leaves of it is the disk's own affair.

import type { Dice } from '../random.ts';

/**
 * What is to be in a file. Immutable, and turned into bytes only where somebody needs them: most
 * saves are never read.
 */
export interface FileContent {
  /** The same bytes at each call. */
  bytes(): Uint8Array;
}

/** Why an operation failed, in the codes of the system: 'EIO', 'ENOSPC', 'EROFS'... */
export interface DiskError {
  readonly code: string;
  /** The step that failed: 'open', 'write', 'fsync', 'rename', 'fsync directory'... */
  readonly step: string;
}

/** One node's disk. It outlives the node's processes. */
export interface Disk {
  /**
   * Replaces a file. `done` is called once: at once, or later by the schedule, and never after a
   * crash; null = the content is on the disk. One replacement is under way at a time.
   */
  replace(path: string, content: FileContent, done: (error: DiskError | null) => void): void;
  /** What a process that starts now reads; null where there is no such file. */
  read(path: string): Uint8Array | null;
  /**
   * The process is gone, what it had written to the system is not: what is under way stays where it
   * stands, half done.
   */
  processEnded(): void;
  /** The power is gone: what was not synced is lost, kept or torn, as the dice say. */
  powerLost(dice: Dice): void;
  /** Takes the file away, as an operator does who starts a node anew. */
  remove(path: string): void;
  /** From now on nothing fails any more, and writes are quick. What is broken stays broken. */
  heal(): void;
}

/** What the disk of a node is made of. */
export interface DiskParts {
  /** The disk's own: decides what fails, and how long things take. */
  readonly dice: Dice;
  /** How long a sync takes. */
  readonly latencyMs: { readonly min: number; readonly mean: number };
  /** Runs something later, by the schedule. */
  readonly after: (delayMs: number, run: () => void) => void;
}
