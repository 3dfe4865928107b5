// Whether a voter gives its vote to a replica that asks for it (the specification's "Replica election and
// promotion"): one vote in an epoch, for a replica whose primary failed and whose claim nobody has
// outdated. Two conditions are ours. A vote waits until the primary cannot count on this voter's answers any
// more, so that it has stopped to take writes by the time that it can be replaced; and a voter that does not
// know its former votes gives none before it has heard where the epochs stand.

import type { SlotSet } from '@slotmesh/crc16-slots';
import type { Millis } from '@slotmesh/machine';
import { NO_NODE, type NodeIndex, type Topology } from '@slotmesh/topology';
import type { FailoverOptions, VoteRefusal } from './contract.ts';
import { leaseHoldMs, SAME_PRIMARY_MULTIPLIER } from './limits.ts';

/** A FAILOVER_AUTH_REQUEST, as far as it matters. */
export interface VoteRequest {
  readonly candidate: NodeIndex;
  readonly currentEpoch: number;
  /** The config epoch of the candidate's primary, as the candidate knows it. */
  readonly configEpoch: number;
  /** The slots that the candidate wants: its primary's. */
  readonly slots: SlotSet;
  /** A manual failover: the primary need not have failed. */
  readonly isForced: boolean;
}

/** When this voter was started, and what its clock says. */
export interface VoterTimes {
  readonly nowMs: Millis;
  readonly startedMs: Millis;
}

/**
 * Null to grant it. The table must know the request's epoch already, as it does of every header. Those of
 * the reasons that time alone takes away come last.
 */
export function decideVote(
  topology: Topology,
  options: Pick<FailoverOptions, 'nodeTimeoutMs' | 'lease'>,
  request: VoteRequest,
  times: VoterTimes,
): VoteRefusal | null {
  const { currentEpoch, lastVoteEpoch } = topology;
  if (!topology.isVoter(topology.self)) return { reason: 'notAVoter' };
  if (request.currentEpoch < currentEpoch) {
    return { reason: 'oldEpoch', requestEpoch: request.currentEpoch, currentEpoch };
  }
  if (lastVoteEpoch >= currentEpoch) return { reason: 'alreadyVoted', epoch: currentEpoch };
  if (topology.isPrimary(request.candidate)) return { reason: 'isPrimary' };
  const primary = topology.primaryOf(request.candidate);
  if (primary === NO_NODE) return { reason: 'primaryUnknown' };
  if (!topology.isFail(primary) && !request.isForced) return { reason: 'primaryUp' };
  const { nodeTimeoutMs } = options;
  const sinceVoteMs = times.nowMs - topology.votedMs(primary);
  const pauseMs = nodeTimeoutMs * SAME_PRIMARY_MULTIPLIER;
  if (sinceVoteMs < pauseMs) {
    return { reason: 'votedRecently', remainingMs: pauseMs - sinceVoteMs };
  }
  const outdated = outdatedSlot(topology, request);
  if (outdated !== null) return outdated;
  if (!topology.hasVoteMemory) return { reason: 'noVoteMemory' };
  return options.lease && !request.isForced
    ? leaseObstacle(topology, primary, options, times)
    : null;
}

/** Somebody owns one of the slots by a greater config epoch than the candidate knows of. */
function outdatedSlot(topology: Topology, request: VoteRequest): VoteRefusal | null {
  let former: NodeIndex = NO_NODE;
  for (const slot of request.slots) {
    const owner = topology.ownerOf(slot);
    // Slots come in long runs of one owner.
    if (owner === NO_NODE || owner === former) continue;
    former = owner;
    const slotEpoch = topology.configEpochOf(owner);
    if (slotEpoch <= request.configEpoch) continue;
    return { reason: 'slotEpoch', slot, slotEpoch, requestEpoch: request.configEpoch };
  }
  return null;
}

/** The primary may take writes still, because of what this voter answered it, or may have before its start. */
function leaseObstacle(
  topology: Topology,
  primary: NodeIndex,
  { nodeTimeoutMs }: Pick<FailoverOptions, 'nodeTimeoutMs'>,
  { nowMs, startedMs }: VoterTimes,
): VoteRefusal | null {
  const holdMs = leaseHoldMs(nodeTimeoutMs);
  const sinceStartMs = nowMs - startedMs;
  if (sinceStartMs < holdMs) return { reason: 'justStarted', remainingMs: holdMs - sinceStartMs };
  const sinceAnswerMs = nowMs - topology.answerSentMs(primary);
  if (sinceAnswerMs < holdMs) return { reason: 'leaseOpen', remainingMs: holdMs - sinceAnswerMs };
  return null;
}
