// What a disk does wrong, operation by operation: drawn from the disk's own random stream, so that another fault
// elsewhere does not move it.
//
// Source: safety.md 3.1, the disk row. EINTR takes time and nothing else: the runtime repeats an interrupted call.

import type { Dice } from '../random.ts';
import type { DiskErrorCode, DiskOperation } from './errors.ts';

/**
 * What comes of an operation: it works; it fails; a sync says that it worked and has written nothing ("lost"); a write
 * takes less than it was given ("short").
 */
export type DiskOutcome = 'ok' | 'lost' | 'short' | DiskErrorCode;

export interface DiskFaults {
  /** Asked once for each operation. */
  outcome(operation: DiskOperation, file: string): DiskOutcome;
  /** How long the operation takes, in milliseconds. */
  delayMs(operation: DiskOperation): number;
}

/** A disk that always works, at once. */
export const NO_FAULTS: DiskFaults = { outcome: () => 'ok', delayMs: () => 0 };

/** How a disk misbehaves: plain data. Chances are per operation, from 0 to 1. */
export interface DiskFaultOptions {
  /** A sync fails with EIO. */
  readonly syncErrorChance: number;
  /** A sync says that it worked and has made nothing durable. */
  readonly syncLostChance: number;
  /** Another operation fails with EIO. */
  readonly ioErrorChance: number;
  /** After an EIO, everything fails until the disk is healed. */
  readonly stickyChance: number;
  readonly shortWriteChance: number;
  /** A signal interrupts the operation, and it starts again. */
  readonly interruptedChance: number;
  /** An operation hangs... */
  readonly stallChance: number;
  /** ...for up to this many milliseconds. */
  readonly stallMsMax: number;
}

/** Nothing fails. */
export const SOUND_DISK: DiskFaultOptions = {
  syncErrorChance: 0,
  syncLostChance: 0,
  ioErrorChance: 0,
  stickyChance: 0,
  shortWriteChance: 0,
  interruptedChance: 0,
  stallChance: 0,
  stallMsMax: 0,
};

/** How long a sync takes, ms: the least, and the mean of the exponential part. All else is done at once. */
export interface SyncLatency {
  readonly min: number;
  readonly mean: number;
}

/** What befell a disk, by name: for the counts of a run. */
export type DiskFaultKind = 'error' | 'lost' | 'short' | 'interrupted' | 'stall';

export class RandomDiskFaults implements DiskFaults {
  options: DiskFaultOptions = SOUND_DISK;
  /** Mounted read-only: every change fails with EROFS. */
  isReadOnly = false;
  /** Every operation fails with EIO; set by an error that stays, or from outside. */
  isBroken = false;
  /** Told of each fault that strikes. */
  onFault: (kind: DiskFaultKind) => void = () => undefined;
  readonly #dice: Dice;
  readonly #latencyMs: SyncLatency;

  constructor(dice: Dice, latencyMs: SyncLatency) {
    this.#dice = dice;
    this.#latencyMs = latencyMs;
  }

  /** From now on the disk is sound. What it has lost stays lost. */
  heal(): void {
    this.isReadOnly = false;
    this.isBroken = false;
    this.options = SOUND_DISK;
  }

  outcome(operation: DiskOperation): DiskOutcome {
    const { options } = this;
    if (this.isReadOnly && operation !== 'close') return this.#fail('EROFS');
    if (this.isBroken) return this.#fail('EIO');
    if (this.#happens(isSync(operation) ? options.syncErrorChance : options.ioErrorChance)) {
      if (this.#happens(options.stickyChance)) this.isBroken = true;
      return this.#fail('EIO');
    }
    if (isSync(operation) && this.#happens(options.syncLostChance)) {
      this.onFault('lost');
      return 'lost';
    }
    if (operation === 'write' && this.#happens(options.shortWriteChance)) {
      this.onFault('short');
      return 'short';
    }
    return 'ok';
  }

  delayMs(operation: DiskOperation): number {
    const { options } = this;
    let delayMs = this.#plainDelayMs(operation);
    while (this.#happens(options.interruptedChance)) {
      this.onFault('interrupted');
      delayMs += this.#plainDelayMs(operation);
    }
    if (this.#happens(options.stallChance)) {
      this.onFault('stall');
      delayMs += this.#dice.below(options.stallMsMax + 1);
    }
    return delayMs;
  }

  #plainDelayMs(operation: DiskOperation): number {
    if (!isSync(operation)) return 0;
    const { min, mean } = this.#latencyMs;
    return min + this.#dice.exponential(mean);
  }

  #fail(code: DiskErrorCode): DiskErrorCode {
    this.onFault('error');
    return code;
  }

  /** Draws nothing where it cannot happen. */
  #happens(chance: number): boolean {
    return chance > 0 && this.#dice.chance(chance);
  }
}

function isSync(operation: DiskOperation): boolean {
  return operation === 'sync' || operation === 'syncDirectory';
}
