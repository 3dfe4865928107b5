// CLUSTER's looks at the table: NODES, SLOTS, SHARDS, INFO, LINKS and the single facts.

import { keySlotOfRange } from '@slotmesh/crc16-slots';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import {
  clusterInfoText,
  clusterNodesText,
  clusterReplicaLines,
  linksView,
  NO_NODE,
  type NodeIndex,
  type ShardNode,
  type SlotsNode,
  shardsView,
  slotsView,
  type ViewOptions,
} from '@slotmesh/topology';
import { latin1Of, printedOf } from '../bytes.ts';
import type { ClusterPort } from '../cluster-port.ts';
import type { CommandContext } from '../context.ts';
import { CLUSTER_DISABLED } from '../errors.ts';
import type { CommandHandler } from '../table/spec.ts';

/** A handler that is given the cluster. */
export type ClusterHandler = (
  cluster: ClusterPort,
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
) => void;

/** Makes a handler of one that needs the cluster; without cluster mode it answers the error for that. */
export function inCluster(handler: ClusterHandler): CommandHandler {
  return (context, args, reply) => {
    const { cluster } = context.ports;
    if (cluster === null) context.error(CLUSTER_DISABLED);
    else handler(cluster, context, args, reply);
  };
}

function viewOptions(cluster: ClusterPort, context: CommandContext): ViewOptions {
  return {
    endpointType: cluster.endpointType,
    tlsClient: context.session.isTls,
    tlsCluster: cluster.tlsCluster,
    selfOffset: cluster.replicationOffset,
  };
}

export const clusterNodesCommand: CommandHandler = inCluster((cluster, context, _args, reply) => {
  reply.verbatim('txt', clusterNodesText(cluster.topology, viewOptions(cluster, context)));
});

export const clusterInfoCommand: CommandHandler = inCluster((cluster, _context, _args, reply) => {
  const text = clusterInfoText(cluster.topology, {
    messageCounts: cluster.messageCounts(),
    linksBufferLimitExceeded: cluster.linksBufferLimitExceeded,
  });
  reply.verbatim('txt', text);
});

export const clusterMyidCommand: CommandHandler = inCluster(({ topology }, _c, _args, reply) => {
  reply.text(topology.idOf(topology.self));
});

export const clusterMyshardidCommand: CommandHandler = inCluster(
  ({ topology }, _context, _args, reply) => {
    reply.text(topology.shardIdOf(topology.self));
  },
);

export const clusterKeyslotCommand: CommandHandler = inCluster((_cluster, _c, args, reply) => {
  reply.integer(keySlotOfRange(args.buffer, args.starts[2], args.ends[2]));
});

export const clusterSlotsCommand: CommandHandler = inCluster((cluster, context, _args, reply) => {
  const entries = slotsView(cluster.topology, viewOptions(cluster, context));
  reply.array(entries.length);
  for (const entry of entries) {
    reply.array(2 + entry.nodes.length);
    reply.integer(entry.start);
    reply.integer(entry.end);
    for (const node of entry.nodes) writeSlotsNode(reply, node);
  }
});

function writeSlotsNode(reply: ReplyWriter, node: SlotsNode): void {
  reply.array(4);
  if (node.endpoint === null) reply.null();
  else reply.text(node.endpoint);
  reply.integer(node.port);
  reply.text(node.id);
  reply.map(node.metadata.length);
  for (const [name, value] of node.metadata) {
    reply.text(name);
    reply.text(value);
  }
}

export const clusterShardsCommand: CommandHandler = inCluster((cluster, context, _args, reply) => {
  const shards = shardsView(cluster.topology, viewOptions(cluster, context));
  reply.array(shards.length);
  for (const shard of shards) {
    reply.map(2);
    reply.text('slots');
    reply.array(shard.slots.length * 2);
    for (const { start, end } of shard.slots) {
      reply.integer(start);
      reply.integer(end);
    }
    reply.text('nodes');
    reply.array(shard.nodes.length);
    for (const node of shard.nodes) writeShardNode(reply, node);
  }
});

function writeShardNode(reply: ReplyWriter, node: ShardNode): void {
  const fields: [name: string, value: string | number][] = [['id', node.id]];
  if (node.port !== 0) fields.push(['port', node.port]);
  if (node.tlsPort !== 0) fields.push(['tls-port', node.tlsPort]);
  fields.push(['ip', node.ip], ['endpoint', node.endpoint]);
  if (node.hostname !== '') fields.push(['hostname', node.hostname]);
  fields.push(['role', node.role], ['replication-offset', node.replicationOffset]);
  fields.push(['health', node.health]);
  writeFields(reply, fields);
}

function writeFields(
  reply: ReplyWriter,
  fields: readonly (readonly [name: string, value: string | number])[],
): void {
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.text(name);
    if (typeof value === 'number') reply.integer(value);
    else reply.text(value);
  }
}

export const clusterLinksCommand: CommandHandler = inCluster((cluster, _context, _args, reply) => {
  const links = linksView(cluster.topology, (link) => cluster.linkFacts(link));
  reply.array(links.length);
  for (const link of links) {
    writeFields(reply, [
      ['direction', link.direction],
      ['node', link.node],
      ['create-time', link.createTime],
      ['events', link.events],
      ['send-buffer-allocated', link.sendBufferAllocated],
      ['send-buffer-used', link.sendBufferUsed],
    ]);
  }
});

/** The node that argument 2 names; {@link NO_NODE}: the client has been told that there is none. */
function nodeNamed(cluster: ClusterPort, context: CommandContext, args: Arguments): NodeIndex {
  const node = cluster.topology.find(latin1Of(args, 2));
  if (node === NO_NODE) context.error(`ERR Unknown node ${printedOf(args, 2)}`);
  return node;
}

export const clusterReplicasCommand: CommandHandler = inCluster((cluster, context, args, reply) => {
  const node = nodeNamed(cluster, context, args);
  if (node === NO_NODE) return;
  if (cluster.topology.isReplica(node)) {
    context.error('ERR The specified node is not a master');
    return;
  }
  const lines = clusterReplicaLines(cluster.topology, node, viewOptions(cluster, context));
  reply.array(lines.length);
  for (const line of lines) reply.text(line);
});

/** The old name. */
export const clusterSlavesCommand: CommandHandler = clusterReplicasCommand;

export const clusterCountFailureReportsCommand: CommandHandler = inCluster(
  (cluster, context, args, reply) => {
    const node = nodeNamed(cluster, context, args);
    if (node !== NO_NODE) reply.integer(cluster.failureReportCount(node));
  },
);
