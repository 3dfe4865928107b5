// The ping extensions of a known sender: names, its shard, and nodes that an operator had it
// forget.

import type { PingExtension } from '@slotmesh/cluster-bus';
import { NO_LABELS, NO_NODE, type NodeIndex, type NodeLabels } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { BLACKLIST_TTL_S_MAX } from './limits.ts';

/** Takes over what the extensions say. A label that is not among them is not set any more. */
export function processExtensions(
  context: GossipContext,
  sender: NodeIndex,
  extensions: readonly PingExtension[],
): void {
  const { topology } = context;
  if (extensions.length === 0 && topology.labelsOf(sender) === NO_LABELS) {
    inheritShardId(context, sender);
    return;
  }
  let shardId = '';
  const labels: Writable<NodeLabels> = { ...NO_LABELS };
  for (const extension of extensions) {
    if (extension.kind === 'shardId') shardId = extension.shardId;
    else if (extension.kind === 'forgottenNode') {
      forgetGossiped(context, sender, extension.node, extension.ttlS);
    } else readLabel(labels, extension);
  }
  if (!sameLabels(labels, topology.labelsOf(sender))) {
    topology.setLabels(sender, sameLabels(labels, NO_LABELS) ? NO_LABELS : labels);
    context.dirty.save = true;
  }
  if (shardId === '') inheritShardId(context, sender);
  else setShardId(context, sender, shardId);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function readLabel(labels: Writable<NodeLabels>, extension: PingExtension): void {
  switch (extension.kind) {
    case 'hostname':
      labels.hostname = extension.hostname;
      break;
    case 'nodename':
      labels.nodename = extension.nodename;
      break;
    case 'clientIpv4':
      labels.clientIpv4 = extension.address;
      break;
    case 'clientIpv6':
      labels.clientIpv6 = extension.address;
      break;
    case 'clientPort':
      labels.clientPort = extension.port;
      break;
    case 'clientTlsPort':
      labels.clientTlsPort = extension.port;
      break;
    case 'availabilityZone':
      labels.availabilityZone = extension.zone;
      break;
    default:
      break; // Not ours to keep: secrets, and what later versions may send.
  }
}

function sameLabels(a: NodeLabels, b: NodeLabels): boolean {
  return (
    a.hostname === b.hostname &&
    a.nodename === b.nodename &&
    a.clientIpv4 === b.clientIpv4 &&
    a.clientIpv6 === b.clientIpv6 &&
    a.clientPort === b.clientPort &&
    a.clientTlsPort === b.clientTlsPort &&
    a.availabilityZone === b.availabilityZone
  );
}

/** A replica belongs to the shard of its primary, also where it cannot say so. */
function inheritShardId(context: GossipContext, node: NodeIndex): void {
  const { topology } = context;
  const primary = topology.primaryOf(node);
  if (primary !== NO_NODE) setShardId(context, node, topology.shardIdOf(primary));
}

function setShardId(context: GossipContext, node: NodeIndex, shardId: string): void {
  const { topology, dirty } = context;
  if (shardId === '' || topology.shardIdOf(node) === shardId) return;
  topology.setShardId(node, shardId);
  dirty.save = true;
}

/** CLUSTER FORGET at one node is passed on, with what is left of the ban. */
function forgetGossiped(context: GossipContext, sender: NodeIndex, id: string, ttlS: number): void {
  const { topology, blacklist, nowMs, dirty } = context;
  const node = topology.find(id);
  // Not this node, not its primary, and not the one that speaks, which would be gone while it is
  // listened to.
  if (node === topology.self || node === sender) return;
  if (node !== NO_NODE && topology.primaryOf(topology.self) === node) return;
  if (blacklist.isPardoned(id, nowMs)) {
    context.ignore('forgottenNode');
    return;
  }
  blacklist.add(id, nowMs + Math.min(ttlS, BLACKLIST_TTL_S_MAX) * 1000);
  if (node === NO_NODE) return;
  context.removeNode(node);
  dirty.save = true;
  context.notice({ kind: 'nodeForgotten', id });
}
