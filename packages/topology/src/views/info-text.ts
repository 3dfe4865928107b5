// The text of CLUSTER INFO: lines, names and order of Redis 7.0.15, which tools read by name and people by eye.

import type { Topology } from '../topology.ts';
import { shownConfigEpoch } from './nodes-text.ts';

/** Messages of one type over the cluster bus. */
export interface BusTypeCount {
  /** Redis's word: `ping`, `pong`, `meet`, `fail`, `publish`, `auth-req`, `auth-ack`, `update`, `mfstart`... */
  readonly type: string;
  readonly sent: number;
  readonly received: number;
}

/** What CLUSTER INFO counts and the table does not know. */
export interface ClusterInfoFacts {
  /** In the order of the wire's type numbers; types never seen may be left out. */
  readonly messageCounts: Iterable<BusTypeCount>;
  /** How often a link was closed over `cluster-link-sendbuf-limit`. */
  readonly linksBufferLimitExceeded: number;
}

/** CLUSTER INFO: `name:value` lines, each ended by CR LF. A type's count is shown from 1 on, totals always. */
export function clusterInfoText(topology: Topology, facts: ClusterInfoFacts): string {
  const counts = [...facts.messageCounts];
  const lines = [
    ...stateLines(topology),
    ...countLines(counts, 'sent'),
    ...countLines(counts, 'received'),
    `total_cluster_links_buffer_limit_exceeded:${facts.linksBufferLimitExceeded}`,
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function stateLines(topology: Topology): string[] {
  const slots = { ok: 0, pfail: 0, fail: 0 };
  let size = 0;
  for (const node of topology.nodes()) {
    const { count } = topology.slotsOf(node);
    if (count > 0) size++;
    if (topology.isFail(node)) slots.fail += count;
    else if (topology.isPfail(node)) slots.pfail += count;
    else slots.ok += count;
  }
  return [
    `cluster_state:${topology.clusterState}`,
    `cluster_slots_assigned:${slots.ok + slots.pfail + slots.fail}`,
    `cluster_slots_ok:${slots.ok}`,
    `cluster_slots_pfail:${slots.pfail}`,
    `cluster_slots_fail:${slots.fail}`,
    `cluster_known_nodes:${topology.size}`,
    `cluster_size:${size}`,
    `cluster_current_epoch:${topology.currentEpoch}`,
    `cluster_my_epoch:${shownConfigEpoch(topology, topology.self)}`,
  ];
}

function countLines(counts: readonly BusTypeCount[], way: 'sent' | 'received'): string[] {
  const lines: string[] = [];
  let total = 0;
  for (const count of counts) {
    if (count[way] === 0) continue;
    lines.push(`cluster_stats_messages_${count.type}_${way}:${count[way]}`);
    total += count[way];
  }
  lines.push(`cluster_stats_messages_${way}:${total}`);
  return lines;
}
