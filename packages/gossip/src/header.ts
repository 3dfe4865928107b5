// Hot path: per packet. The header that every message carries: what this node says of itself, and
// what it takes from others' headers before anything else is looked at (the Redis Cluster
// specification, "Current epoch", "Configuration epoch").

import { type BusHeader, MessageFlag, NodeFlag } from '@slotmesh/cluster-bus';
import { type LinkId, NO_LINK, NO_NODE, type NodeIndex, StatusBit } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { EPOCH_JUMP_MAX } from './limits.ts';
import { isInbound } from './link-table.ts';

/**
 * The header of a message that is sent now, with these bits among its flags. A replica speaks of its
 * primary's slots and config epoch. All headers are made here, so that they have one shape.
 */
export function buildHeader(context: GossipContext, moreFlags = 0): BusHeader {
  const { topology, options, facts } = context;
  const { self } = topology;
  const address = topology.addressOf(self);
  const primary = topology.primaryOf(self);
  const speaksOf = primary === NO_NODE ? self : primary;
  return {
    sender: topology.idOf(self),
    currentEpoch: topology.currentEpoch,
    configEpoch: topology.configEpochOf(speaksOf),
    offset: facts.replicationOffset(),
    slots: topology.slotsOf(speaksOf),
    replicaOf: primary === NO_NODE ? null : topology.idOf(primary),
    host: options.announce.host,
    port: address.port,
    altPort: address.altPort,
    busPort: address.busPort,
    flags: ownFlags(context),
    clusterState: topology.clusterState,
    // Says that we understand extensions, from the first message on: it is how peers find out.
    messageFlags:
      moreFlags |
      MessageFlag.extensionData |
      (options.lease ? MessageFlag.leaseAware : 0) |
      (context.isPaused ? MessageFlag.paused : 0),
  };
}

function ownFlags(context: GossipContext): number {
  const { topology, options } = context;
  let flags: number = NodeFlag.myself;
  flags |= topology.isReplica(topology.self) ? NodeFlag.replica : NodeFlag.primary;
  if (topology.hasStatus(topology.self, StatusBit.migrateTo)) flags |= NodeFlag.migrateTo;
  if (options.replicaNoFailover) flags |= NodeFlag.noFailover;
  const primary = topology.primaryOf(topology.self);
  if (primary !== NO_NODE && topology.isFail(primary)) flags |= NodeFlag.myPrimaryFail;
  return flags;
}

/**
 * Whether the epochs of a header can be believed. Epochs grow one by one; the wire could say 2^53 -
 * 1 and leave the cluster no epoch to go on with.
 */
export function isSaneEpoch(context: GossipContext, epoch: number): boolean {
  return epoch <= context.topology.currentEpoch + EPOCH_JUMP_MAX;
}

/** What is taken from the header of every message of a known sender, whatever its type. */
export function observeHeader(
  context: GossipContext,
  sender: NodeIndex,
  header: BusHeader,
  link: LinkId,
): void {
  const { topology, nowMs } = context;
  topology.setDataReceived(sender, nowMs);
  if (isInbound(link)) attachInboundLink(context, sender, link);
  if (header.currentEpoch > topology.currentEpoch) topology.currentEpoch = header.currentEpoch;
  context.voteWatch.note(topology.currentEpoch, nowMs);
  topology.setOffset(sender, header.offset);
  const { messageFlags } = header;
  if ((messageFlags & MessageFlag.extensionData) !== 0) {
    topology.setStatus(sender, StatusBit.extensionsSupported, true);
  }
  topology.setStatus(sender, StatusBit.leaseAware, (messageFlags & MessageFlag.leaseAware) !== 0);
  if ((messageFlags & MessageFlag.paused) !== 0 && sender === topology.primaryOf(topology.self)) {
    context.news.push({ kind: 'primaryPaused', offset: header.offset });
  }
}

/**
 * Takes over a member's config epoch from a message whose slots are looked at as well: the two are one
 * statement. (Redis takes it from every message. An UPDATE of somebody who has just lost its slots, and
 * moved on to a new config epoch, then leaves its old slots here under the new epoch, and whoever tells
 * the new owner so takes the slots from it: nobody has them.)
 */
export function takeConfigEpoch(
  { topology, dirty }: GossipContext,
  sender: NodeIndex,
  { configEpoch }: BusHeader,
): void {
  if (configEpoch <= topology.configEpochOf(sender)) return;
  topology.setConfigEpoch(sender, configEpoch);
  dirty.save = true;
  dirty.durable = true;
}

/**
 * A node has one link to us. A second one means that the first is dead, though our side has not
 * seen it yet.
 */
function attachInboundLink(context: GossipContext, node: NodeIndex, link: LinkId): void {
  const { topology, links } = context;
  const former = topology.inboundLink(node);
  if (former === link) return;
  const formerNode = links.nodeOf(link);
  if (formerNode !== NO_NODE && topology.inboundLink(formerNode) === link) {
    topology.setInboundLink(formerNode, NO_LINK);
  }
  if (former !== NO_LINK) context.dropLink(former);
  links.setNode(link, node);
  topology.setInboundLink(node, link);
}
