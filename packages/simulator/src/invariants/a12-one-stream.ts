// A12. Everything in replication rests on this: whoever is at the same offset of the same history has had the same bytes,
// and so has the same data. The simulator keeps both of every history: its bytes, as replicas receive them, and what
// data look like at its offsets, wherever somebody has come to the end of a command.

import type { Histories } from '../ghost/histories.ts';
import type { Position, SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const oneStream: Invariant = {
  id: 'A12',
  title:
    'At the same offset of the same history all have had the same bytes, and have the same data',
  source: 'Redis 4.0, PSYNC2; redis#3836, redis#4268',
  watch(world: World) {
    const histories = world.ghost.streams as Histories;
    const judge = (node: SimNode, position: Position): Verdict => {
      if (!isCounted(node)) return null;
      if (histories.agrees(position, node.replicator.data.digest)) return null;
      return `has other data at ${nameOf(position)} than somebody before it`;
    };
    return {
      wrote: judge,
      applied: judge,
      dataReplaced: (node, position) => (position === null ? null : judge(node, position)),
      streamReceived(_node, position, bytes) {
        const offset = histories.compare(position, bytes);
        if (offset === null) return null;
        return `receives another byte at ${nameOf({ ...position, offset })} than somebody before it`;
      },
    };
  },
};

/** What is written without a log is in no history. */
function isCounted({ replicator }: SimNode): boolean {
  return replicator.machine.savedHistory() !== null;
}

function nameOf({ id, offset }: Position): string {
  return `${id.slice(0, 8)}:${offset}`;
}
