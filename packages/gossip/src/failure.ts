// Who failed (the specification's "Failure detection"): pfail is what this node thinks, fail what a
// majority of the primaries with slots said within the time that a report counts.

import type { FailMessage } from '@slotmesh/cluster-bus';
import { NO_NODE, type NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { buildHeader } from './header.ts';
import { FAIL_UNDO_MULTIPLIER, REPORT_VALIDITY_MULTIPLIER } from './limits.ts';

/** A node that has not answered for a node timeout, nor sent anything else, looks like failing. */
export function detectPfail(context: GossipContext, node: NodeIndex): void {
  const { topology, options, nowMs, dirty } = context;
  const pingSentMs = topology.pingSentMs(node);
  if (pingSentMs === 0) return;
  const silentMs = nowMs - Math.max(pingSentMs, topology.dataReceivedMs(node));
  if (silentMs <= options.nodeTimeoutMs) return;
  if (!topology.markPfail(node)) return;
  dirty.state = true;
  context.notice({ kind: 'nodePfail', id: topology.idOf(node) });
  // With a single voter no report will ever come, and its own view is the majority.
  markFailIfAgreed(context, node);
}

/** How many live reports of voters there are about a node. */
export function reportCount(context: GossipContext, node: NodeIndex): number {
  const { topology, options, nowMs } = context;
  topology.dropReportsOfNonVoters(node);
  const validMs = options.nodeTimeoutMs * REPORT_VALIDITY_MULTIPLIER;
  return topology.failureReportCount(node, nowMs - validMs);
}

/** A member's word about the health of another. Only voters are counted. */
export function noteHealth(
  context: GossipContext,
  node: NodeIndex,
  reporter: NodeIndex,
  isFailing: boolean,
): void {
  const { topology, nowMs } = context;
  if (!topology.isVoter(reporter)) return;
  if (!isFailing) {
    if (topology.removeFailureReport(node, reporter)) {
      noticeReport(context, 'failureReportWithdrawn', node, reporter);
    }
    return;
  }
  if (topology.addFailureReport(node, reporter, nowMs)) {
    noticeReport(context, 'failureReported', node, reporter);
  }
  markFailIfAgreed(context, node);
}

function noticeReport(
  context: GossipContext,
  kind: 'failureReported' | 'failureReportWithdrawn',
  node: NodeIndex,
  reporter: NodeIndex,
): void {
  const { topology } = context;
  context.notice({ kind, id: topology.idOf(node), reporter: topology.idOf(reporter) });
}

/** pfail here and reported by a majority: failed, and everybody is told. */
function markFailIfAgreed(context: GossipContext, node: NodeIndex): void {
  const { topology, nowMs, dirty } = context;
  if (!topology.isPfail(node)) return;
  const own = topology.isVoter(topology.self) ? 1 : 0;
  if (reportCount(context, node) + own < topology.census.majority) return;
  topology.markFail(node, nowMs);
  dirty.save = true;
  dirty.state = true;
  const id = topology.idOf(node);
  context.notice({ kind: 'nodeFailed', id, reporter: null });
  context.broadcast({ kind: 'fail', header: buildHeader(context), node: id });
}

/** Another node says that a majority agreed. Any member is believed, as the peers do. */
export function onFail(context: GossipContext, message: FailMessage): void {
  const { topology, nowMs, dirty } = context;
  const node = topology.find(message.node);
  if (node === NO_NODE) {
    context.ignore('unknownNode');
    return;
  }
  if (node === topology.self) return;
  // A voter that says so has seen it: its word is a report as well.
  const reporter = topology.find(message.header.sender);
  if (reporter !== node && topology.isVoter(reporter)) {
    topology.addFailureReport(node, reporter, nowMs);
  }
  if (topology.isFail(node)) return;
  topology.markFail(node, nowMs);
  dirty.save = true;
  dirty.state = true;
  context.notice({ kind: 'nodeFailed', id: message.node, reporter: message.header.sender });
}

/** A PONG came from a node: pfail is over, fail perhaps. */
export function noteReachable(context: GossipContext, node: NodeIndex): void {
  const { topology, dirty } = context;
  if (topology.clearPfail(node)) {
    dirty.save = true;
    dirty.state = true;
  } else if (topology.isFail(node)) {
    clearFailIfOver(context, node);
  }
}

/**
 * A replica, or a primary without slots, is simply back. A primary with slots may be being replaced
 * just now, so it has to wait until that would have happened.
 */
function clearFailIfOver(context: GossipContext, node: NodeIndex): void {
  const { topology, options, nowMs, dirty } = context;
  const sinceMs = nowMs - topology.failTimeMs(node);
  const undoMs = options.nodeTimeoutMs * FAIL_UNDO_MULTIPLIER;
  if (topology.isVoter(node) && sinceMs <= undoMs) return;
  topology.clearFail(node);
  dirty.save = true;
  dirty.state = true;
  const wasReplica = topology.isReplica(node);
  context.notice({ kind: 'nodeRecovered', id: topology.idOf(node), wasReplica });
}
