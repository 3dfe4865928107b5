// D1. A crash leaves the old file or the new one, and never a part of one; and a file that is not what
// a node has written is refused, not guessed at. So a node whose machine lost its power finds a file
// that it takes, and whatever it starts from is what a node would write, to the last digit of the
// checksum. (A file without one is another server's, and is taken as it is.)

import { formatNodesConf, NodesConfError, parseNodesConf } from '@slotmesh/nodes-conf';
import type { SimNode } from '../world/contract.ts';
import { NODES_FILE } from '../world/nodes-file.ts';
import type { Invariant, Verdict } from './invariant.ts';

const CHECKSUM = / crc64 [0-9a-f]{16}\n$/;

export const fileIsWhole: Invariant = {
  id: 'D1',
  title: 'A node finds its file after a crash, and starts from a file as one was written',
  source: 'measured: redis-server takes 25 of 192 truncations of a nodes.conf',
  assumes: ['disk'],
  watch() {
    /** Those that had a file when the power went. */
    const crashed = new Set<SimNode>();
    return {
      stopped(node, end) {
        if (end === 'startRefused') return crashed.delete(node) ? unreadable(node) : null;
        if (end === 'powerLost' && node.saved !== null) crashed.add(node);
        else crashed.delete(node);
        return null;
      },
      started(node) {
        const isLost = crashed.delete(node) && node.saved === null;
        return isLost ? 'has lost its file, and starts as somebody else' : asWritten(node);
      },
    };
  },
};

/** Another process may have its address: that is refused as well. */
function unreadable({ disk }: SimNode): Verdict {
  const bytes = disk.read(NODES_FILE);
  if (bytes === null) return null;
  try {
    parseNodesConf(bytes);
    return null;
  } catch (error) {
    if (!(error instanceof NodesConfError)) throw error;
    return `finds a file after a crash that it refuses: ${error.message}`;
  }
}

function asWritten({ saved, disk }: SimNode): Verdict {
  const bytes = saved === null ? null : disk.read(NODES_FILE);
  if (saved === null || bytes === null) return null;
  const text = new TextDecoder().decode(bytes);
  if (!CHECKSUM.test(text) || text === formatNodesConf(saved)) return null;
  return 'starts from a file that no node has written';
}
