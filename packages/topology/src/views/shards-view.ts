// What CLUSTER SHARDS says: each shard's slots and nodes with role, offset and health. Fields of Redis 7.0, grouped by
// shard id as Redis 7.2 does; Redis 7.0 knows no shard ids and groups by primary, as this does where ids are missing.

import { type SlotRange, SlotSet } from '@slotmesh/crc16-slots';
import { StatusBit } from '../columns.ts';
import { NO_NODE, type NodeIndex } from '../node.ts';
import type { Topology } from '../topology.ts';
import { clientPorts, preferredEndpoint, shownOffset, type ViewOptions } from './endpoint.ts';
import { nodesInOrder } from './order.ts';

/** One node of a shard. The reply is a map of these fields in this order, without those that are 0 or ''. */
export interface ShardNode {
  readonly id: string;
  /** TCP port for clients, 0 = none. */
  readonly port: number;
  /** `tls-port`, 0 = none. */
  readonly tlsPort: number;
  readonly ip: string;
  /** Always in the reply, '' (not known) as well, and so is `ip`. */
  readonly endpoint: string;
  /** '' = none. */
  readonly hostname: string;
  readonly role: 'master' | 'replica';
  /** `replication-offset`, bytes; always in the reply. */
  readonly replicationOffset: number;
  /** `loading`: a replica that has no data yet. */
  readonly health: 'online' | 'fail' | 'loading';
}

export interface ShardView {
  /** Shard id; '' where it is not known. Redis does not show it. */
  readonly id: string;
  /** In the reply one flat array, start and end of each range in turn. */
  readonly slots: readonly SlotRange[];
  /** Primary first, then replicas by id. */
  readonly nodes: readonly ShardNode[];
}

/** The shards by their first slot, those without slots after. Nodes in handshake belong to none. */
export function shardsView(topology: Topology, options: ViewOptions = {}): ShardView[] {
  const shards = new Map<string, { id: string; slots: SlotSet; nodes: ShardNode[] }>();
  for (const node of nodesInOrder(topology)) {
    if (topology.hasStatus(node, StatusBit.handshake)) continue;
    const head = topPrimary(topology, node);
    const id = topology.shardIdOf(head);
    const key = id === '' ? `node ${topology.idOf(head)}` : id;
    let shard = shards.get(key);
    if (shard === undefined) {
      shard = { id, slots: SlotSet.EMPTY, nodes: [] };
      shards.set(key, shard);
    }
    shard.slots = shard.slots.union(topology.slotsOf(node));
    shard.nodes.push(shardNode(topology, node, options));
  }
  return [...shards.values()].map(({ id, slots, nodes }) => ({ id, slots: slots.ranges(), nodes }));
}

/** A replica is where its primary is, whatever shard id it said last: during a change the two may differ. */
function topPrimary(topology: Topology, node: NodeIndex): NodeIndex {
  let top = node;
  for (let above = node; above !== NO_NODE; above = topology.primaryOf(above)) top = above;
  return top;
}

function shardNode(topology: Topology, node: NodeIndex, options: ViewOptions): ShardNode {
  const address = topology.addressOf(node);
  const ports = clientPorts(address, options);
  const isReplica = topology.isReplica(node);
  const replicationOffset = shownOffset(topology, node, options);
  const isLoading = isReplica && replicationOffset === 0;
  return {
    id: topology.idOf(node),
    port: ports.tcp,
    tlsPort: ports.tls,
    ip: address.host,
    endpoint: preferredEndpoint(topology, node, options),
    hostname: topology.labelsOf(node).hostname,
    role: isReplica ? 'replica' : 'master',
    replicationOffset,
    health: topology.isFail(node) ? 'fail' : isLoading ? 'loading' : 'online',
  };
}
