// Hot path: per PUBLISH. Messages of clients go to all members, sharded ones to those that serve
// the same slots.

import type { PublishMessage } from '@slotmesh/cluster-bus';
import { NO_NODE, type NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { buildHeader } from './header.ts';

/** Sends what a client published here to the nodes that may have subscribers. */
export function publish(
  context: GossipContext,
  sharded: boolean,
  channel: Uint8Array,
  message: Uint8Array,
): void {
  const kind = sharded ? 'publishShard' : 'publish';
  const bus: PublishMessage = { kind, header: buildHeader(context), channel, message };
  if (!sharded) {
    context.broadcast(bus);
    return;
  }
  const { topology } = context;
  const primary = shardPrimary(context);
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (node === topology.self || !context.isMember(node)) continue;
    if (node === primary || topology.primaryOf(node) === primary) {
      context.send(topology.outboundLink(node), bus);
    }
  }
}

function shardPrimary(context: GossipContext): NodeIndex {
  const { topology } = context;
  const primary = topology.primaryOf(topology.self);
  return primary === NO_NODE ? topology.self : primary;
}

/** Hands a message of another member to the subscribers here. */
export function deliver(context: GossipContext, message: PublishMessage): void {
  const { kind, channel } = message;
  const sharded = kind === 'publishShard';
  context.push({ kind: 'deliver', sharded, channel, message: message.message });
}
