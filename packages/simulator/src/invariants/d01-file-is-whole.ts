// D1. A crash leaves the old file or the new one, and never a part of one; and a file that is not what
// a node has written is refused, not guessed at. So what a process starts from is what a node would
// write, to the last digit of the checksum; and as long as nobody spoils files, no start is refused.

import { formatNodesConf } from '@slotmesh/nodes-conf';
import type { SimNode, World } from '../world/contract.ts';
import { NODES_FILE } from '../world/nodes-file.ts';
import type { Invariant, Verdict } from './invariant.ts';

/** Faults that leave files which must be refused. */
const SPOILING = new Set(['damage']);

export const fileIsWhole: Invariant = {
  id: 'D1',
  title: 'A node starts from a file as one was written, and finds one after every crash',
  source: 'measured: redis-server takes 25 of 192 truncations of a nodes.conf',
  watch(world: World) {
    const { faults, beyond } = world.options;
    const isSpoiled = beyond.includes('disk') || faults.some(({ name }) => SPOILING.has(name));
    return {
      started: (node) => asWritten(node),
      stopped(_node, end) {
        return end === 'startRefused' && !isSpoiled ? 'its file is refused after a crash' : null;
      },
    };
  },
};

function asWritten({ saved, disk }: SimNode): Verdict {
  const bytes = saved === null ? null : disk.read(NODES_FILE);
  if (saved === null || bytes === null) return null;
  const text = new TextDecoder().decode(bytes);
  return text === formatNodesConf(saved) ? null : 'starts from a file that no node has written';
}
