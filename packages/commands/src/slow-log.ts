// SLOWLOG: commands that took long, the latest first.

import type { Arguments } from '@slotmesh/resp';
import { latin1, latin1Bytes } from './bytes.ts';

/** Of a long command so many arguments are kept, of a long argument so many bytes. */
const ARGUMENTS_MAX = 32;
const ARGUMENT_BYTES_MAX = 128;

export interface SlowEntry {
  readonly id: number;
  readonly unixSeconds: number;
  readonly microseconds: number;
  readonly args: readonly Uint8Array[];
  readonly address: string;
  readonly name: string;
}

export class SlowLog {
  #entries: SlowEntry[] = [];
  #nextId = 0;

  get length(): number {
    return this.#entries.length;
  }

  /** The latest entry first. */
  entries(count: number): readonly SlowEntry[] {
    return this.#entries.slice(0, count);
  }

  add(entry: Omit<SlowEntry, 'id'>, limit: number): void {
    this.#entries.unshift({ id: this.#nextId++, ...entry });
    if (this.#entries.length > limit) this.#entries.length = limit;
  }

  clear(): void {
    this.#entries = [];
  }
}

/** What is kept of arguments; `isSecret` tells which are left out. */
export function shortened(
  args: Arguments,
  isSecret: (i: number) => boolean,
): readonly Uint8Array[] {
  const { buffer, starts, ends, count } = args;
  const kept: Uint8Array[] = [];
  const shown = count > ARGUMENTS_MAX ? ARGUMENTS_MAX - 1 : count;
  for (let i = 0; i < shown; i++) {
    const more = ends[i] - starts[i] - ARGUMENT_BYTES_MAX;
    if (isSecret(i)) kept.push(latin1Bytes('(redacted)'));
    else if (more <= 0) kept.push(buffer.slice(starts[i], ends[i]));
    else {
      const text = latin1(buffer, starts[i], starts[i] + ARGUMENT_BYTES_MAX);
      kept.push(latin1Bytes(`${text}... (${more} more bytes)`));
    }
  }
  if (shown < count) kept.push(latin1Bytes(`... (${count - shown} more arguments)`));
  return kept;
}
