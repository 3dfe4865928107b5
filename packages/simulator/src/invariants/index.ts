// The table of invariants.

import { epochNeverDecreases } from './a01-epoch-never-decreases.ts';
import { savedBeforeSent } from './a03-saved-before-sent.ts';
import { replicationIsATree } from './a08-replication-is-a-tree.ts';
import { tableIsCoherent } from './a09-table-is-coherent.ts';
import type { Invariant } from './invariant.ts';

export const INVARIANTS: readonly Invariant[] = [
  epochNeverDecreases,
  savedBeforeSent,
  replicationIsATree,
  tableIsCoherent,
];
