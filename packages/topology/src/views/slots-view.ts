// What CLUSTER SLOTS says: who serves which range of slots, as most clients read it. Rules of Redis 7.0.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { NO_NODE, type NodeIndex } from '../node.ts';
import type { Topology } from '../topology.ts';
import { clientPort, preferredEndpoint, shownOffset, type ViewOptions } from './endpoint.ts';
import { followersInOrder } from './order.ts';

/** A node that serves a range: in the reply an array of four, `metadata` being a map. */
export interface SlotsNode {
  /** Null: unknown, the client goes on with the host that it asked. */
  readonly endpoint: string | null;
  readonly port: number;
  readonly id: string;
  /** The addresses beside the preferred one: `ip`, `hostname`; in this order, those there are. */
  readonly metadata: readonly (readonly [name: 'ip' | 'hostname', value: string])[];
}

/** Neighbouring slots of one primary, both ends included. */
export interface SlotsEntry {
  readonly start: number;
  readonly end: number;
  /** The primary, then its replicas by id. */
  readonly nodes: readonly SlotsNode[];
}

/**
 * The ranges in order of their slots. A replica that failed, or that has no data yet (its offset is 0), is left out:
 * it could not answer. What it shows changes only with {@link Topology.revision}, this node's own offset aside.
 */
export function slotsView(topology: Topology, options: ViewOptions = {}): SlotsEntry[] {
  const entries: SlotsEntry[] = [];
  const followers = followersInOrder(topology);
  const shown = new Map<NodeIndex, readonly SlotsNode[]>();
  let start = 0;
  while (start < SLOT_COUNT) {
    const owner = topology.ownerOf(start);
    let end = start;
    while (end + 1 < SLOT_COUNT && topology.ownerOf(end + 1) === owner) end++;
    if (owner !== NO_NODE) {
      const nodes =
        shown.get(owner) ?? servingNodes(topology, owner, followers.get(owner) ?? [], options);
      shown.set(owner, nodes);
      entries.push({ start, end, nodes });
    }
    start = end + 1;
  }
  return entries;
}

function servingNodes(
  topology: Topology,
  primary: NodeIndex,
  replicas: readonly NodeIndex[],
  options: ViewOptions,
): SlotsNode[] {
  const available = replicas.filter(
    (node) => !topology.isFail(node) && shownOffset(topology, node, options) !== 0,
  );
  return [primary, ...available].map((node) => slotsNode(topology, node, options));
}

function slotsNode(topology: Topology, node: NodeIndex, options: ViewOptions): SlotsNode {
  const type = options.endpointType ?? 'ip';
  const address = topology.addressOf(node);
  const { hostname } = topology.labelsOf(node);
  const metadata: [name: 'ip' | 'hostname', value: string][] = [];
  if (type !== 'ip') metadata.push(['ip', address.host]);
  if (type !== 'hostname' && hostname !== '') metadata.push(['hostname', hostname]);
  return {
    endpoint: type === 'unknown-endpoint' ? null : preferredEndpoint(topology, node, options),
    port: clientPort(address, options),
    id: topology.idOf(node),
    metadata,
  };
}
