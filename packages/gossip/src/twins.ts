// What a node knows of another process with its own id: a copy of its files was started elsewhere, or it
// runs on where everybody believed it dead. Data only; the rules
// are in twin.ts.

import type { NodeAddress } from '@slotmesh/topology';

/** A place where another process with this node's id may be. */
export interface Suspect {
  readonly address: NodeAddress;
  /** When somebody last spoke of it, or a twin answered there: it is asked for a while from then on. */
  toldMs: number;
  answeredMs: number;
  /** When it was last asked. */
  askedMs: number;
  /** This process itself answered there: it has more than one address. */
  isSelf: boolean;
}

/** The state of the rules about twins. */
export class Twins {
  /** By host and bus port. */
  readonly suspects: Map<string, Suspect> = new Map();
  /** By the time of the process: its start, or the end of its last long stall, or of its standing aside. */
  sinceMs: number;
  /** Null: nobody had to be told yet. */
  token: number | null = null;
  /** When a twin last answered; 0 = none exists, as far as is known. */
  answeredMs = 0;
  /** This process gives way to it. */
  isAside = false;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
  }

  /** The node has another id from now on, and that has no twin. */
  clear(nowMs: number): void {
    this.suspects.clear();
    this.sinceMs = nowMs;
    this.answeredMs = 0;
    this.isAside = false;
  }

  /** Whether there is anything to look at. */
  get isActive(): boolean {
    return this.answeredMs !== 0 || this.suspects.size > 0;
  }
}
