// A16. What other nodes can make a node keep has bounds: handshakes end and are one for an address,
// the bans that a message passes on are few, and nobody opens more connections than it has rows.
// Buffers of clients join with the packages that have them.

import type { BusMessage } from '@slotmesh/cluster-bus';
import { type NodeIndex, StatusBit } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

/** As the package's limits have it. */
const KNOWN_NODES_MAX = 16_384;
const HANDSHAKES_MAX = 2048;
const BANS_PER_MESSAGE_MAX = 128;

export const bounded: Invariant = {
  id: 'A16',
  title: 'Handshakes, bans and links stay within their bounds',
  source: 'redis#2965, redis#5711; the limits of @slotmesh/gossip',
  watch(world) {
    /** By node: the node timeout of its last tick. What CONFIG SET says counts from the next one on. */
    const timeouts = new Map<SimNode, number>();
    return {
      ticking(node) {
        timeouts.set(node, node.core.options.nodeTimeoutMs);
        return null;
      },
      tableChanged(node) {
        const { nodeTimeoutMs } = node.core.options;
        return handshakes(world, node, timeouts.get(node) ?? nodeTimeoutMs);
      },
      sending: (_node, _link, message) => section(message),
      atRest: () => connections(world),
    };
  },
};

function handshakes(world: World, node: SimNode, nodeTimeoutMs: number): Verdict {
  const { topology } = node;
  if (topology.size > KNOWN_NODES_MAX) return `knows ${topology.size} nodes`;
  const timeoutMs = Math.max(nodeTimeoutMs, 1000);
  // They end by its timer, and a process that stood still gives them their time anew.
  const oldestMs = world.ghost.stalls.lastTickMs(node) - timeoutMs;
  const resumedMs = world.ghost.stalls.endMs(node);
  const places = new Set<string>();
  for (let i = 0; i < topology.indexLimit; i++) {
    const row = i as NodeIndex;
    if (!topology.has(row) || !topology.hasStatus(row, StatusBit.handshake)) continue;
    const { host, port, busPort } = topology.addressOf(row);
    const place = `${host}:${port}@${busPort}`;
    if (places.has(place)) return `has two handshakes with ${place}`;
    places.add(place);
    if (Math.max(topology.createdMs(row), resumedMs) < oldestMs) {
      return `has been in handshake with ${place} for longer than ${timeoutMs} ms`;
    }
  }
  return places.size <= HANDSHAKES_MAX ? null : `has ${places.size} handshakes`;
}

function section(message: BusMessage): Verdict {
  if (message.kind !== 'ping' && message.kind !== 'pong' && message.kind !== 'meet') return null;
  if (message.extensions.length <= BANS_PER_MESSAGE_MAX) return null;
  const bans = message.extensions.filter(({ kind }) => kind === 'forgottenNode').length;
  return bans <= BANS_PER_MESSAGE_MAX ? null : `passes on ${bans} bans in one message`;
}

function connections({ nodes, network }: World): Verdict {
  const opened = new Map<SimNode, number>();
  for (const { from, isOpen, channel } of network.connections()) {
    if (isOpen && channel === 'bus') opened.set(from, (opened.get(from) ?? 0) + 1);
  }
  for (const node of nodes) {
    const count = opened.get(node) ?? 0;
    const others = node.topology.size - 1;
    if (count > others) return `node ${node.index} opened ${count} links to ${others} nodes`;
  }
  return null;
}
