// What voters say of their votes against this node. Data only; the rules are in renewal.ts.

import type { NodeIndex } from '@slotmesh/topology';

/** What the answers of a voter say. */
export interface VoteMark {
  /** Since when it has been saying so. The vote is older. */
  readonly sinceMs: number;
  /** When the PING was sent that it answered last. */
  sentMs: number;
}

/** The voters that have voted against this node, by their answers. */
export type VoteMarks = Map<NodeIndex, VoteMark>;
