// The cluster's notices as log lines. Where redis-server has a line for the same event that tools read, it is that line.

import type {
  ClusterNotice,
  FailoverMode,
  FailoverNotice,
  FailoverObstacle,
  VoteRefusal,
} from '@slotmesh/cluster-core';
import { unreachable } from '@slotmesh/machine';
import type { NodeAddress } from '@slotmesh/topology';
import type { LogLevel } from '../log/logger.ts';

/** How important a notice is, and its line. */
export function wordNotice(notice: ClusterNotice): readonly [level: LogLevel, line: string] {
  switch (notice.kind) {
    case 'nodeJoined':
      return ['notice', `Node ${notice.id} at ${place(notice.address)} is part of the cluster now`];
    case 'nodeForgotten':
      return ['notice', `Node ${notice.id} was forgotten`];
    case 'handshakeTimedOut':
      return ['verbose', `Handshake with ${place(notice.address)} timed out`];
    case 'nodePfail':
      return ['debug', `*** NODE ${notice.id} possibly failing`];
    case 'nodeFailed':
      return notice.reporter === null
        ? ['notice', `Marking node ${notice.id} as failing (quorum reached).`]
        : ['notice', `FAIL message received from ${notice.reporter} about ${notice.id}`];
    case 'nodeRecovered':
      return [
        'notice',
        notice.wasReplica
          ? `Clear FAIL state for node ${notice.id}: replica or primary without slots is reachable again.`
          : `Clear FAIL state for node ${notice.id}: is reachable again and nobody is serving its slots after some time.`,
      ];
    case 'failureReported':
      return ['verbose', `Node ${notice.reporter} reported node ${notice.id} as not reachable.`];
    case 'failureReportWithdrawn':
      return ['verbose', `Node ${notice.reporter} reported node ${notice.id} is back online.`];
    case 'addressChanged':
      return ['notice', `Address updated for node ${notice.id}, now ${place(notice.address)}`];
    case 'ownAddressLearned':
      return ['notice', `IP address for this node updated to ${notice.host}`];
    case 'epochCollision':
      return [
        'verbose',
        `WARNING: configEpoch collision with node ${notice.id}. configEpoch set to ${notice.configEpoch}`,
      ];
    case 'epochRenewed':
      return [
        'notice',
        `Voters had voted against this node, and nobody has replaced it: configEpoch set to ${notice.configEpoch}`,
      ];
    case 'slotsTaken':
      return ['notice', `Node ${notice.by} claims ${notice.slots.length} slots of others`];
    case 'twinFound': {
      const what = notice.standsAside
        ? 'It was there first: this one serves nothing as long as it answers'
        : 'It came later and has to stand aside';
      const line = `Another process with the id of this node answers at ${place(notice.address)}. ${what}`;
      return ['warning', line];
    }
    case 'twinGone':
      return ['warning', 'The other process with the id of this node does not answer any more'];
    case 'stateChanged':
      return ['warning', `Cluster state changed: ${notice.state}`];
    case 'dataMissing':
      return [
        'warning',
        `The data of this master are missing: it keeps silent for ${notice.silenceMs} milliseconds, so that a replica can take its place`,
      ];
    case 'slotsAdopted':
      return [
        'notice',
        `I have keys for ${notice.slots.length} unassigned slots, the first is ${notice.slots[0]}. Taking responsibility for them.`,
      ];
    case 'keysOfOthers':
      return [
        'warning',
        `I have keys for ${notice.slots.length} slots that are assigned to other nodes, the first is ${notice.slots[0]}. Deleting them.`,
      ];
    default:
      return wordFailover(notice);
  }
}

function wordFailover(notice: FailoverNotice): readonly [level: LogLevel, line: string] {
  switch (notice.kind) {
    case 'failoverObstacle':
      return ['warning', `Currently unable to failover: ${OBSTACLES[notice.obstacle]}`];
    case 'electionScheduled':
      return [
        'notice',
        `Start of election delayed for ${notice.delayMs} milliseconds (rank #${notice.rank}, offset ${notice.offset}).`,
      ];
    case 'electionRankUpdated':
      return [
        'notice',
        `Replica rank updated to #${notice.rank}, added ${notice.addedMs} milliseconds of delay.`,
      ];
    case 'electionStarted':
      return ['notice', `Starting a failover election for epoch ${notice.epoch}.`];
    case 'electionWon':
      return ['notice', "Failover election won: I'm the new master."];
    case 'configEpochTaken':
      return ['notice', `configEpoch set to ${notice.configEpoch} after successful failover`];
    case 'voteGranted':
      return ['notice', `Failover auth granted to ${notice.id} for epoch ${notice.epoch}`];
    case 'voteRefused':
      return [
        notice.reason === 'votedRecently' ? 'debug' : 'warning',
        `Failover auth denied to ${notice.id}: ${refusalText(notice)}`,
      ];
    case 'voteDeferred':
      return ['verbose', `Failover auth deferred for ${notice.id}: ${refusalText(notice)}`];
    case 'voteMemoryRegained':
      return [
        'notice',
        `A majority was heard: this node votes again, in epochs after ${notice.epoch}`,
      ];
    case 'manualFailoverAccepted':
      return ['notice', MANUAL_FAILOVERS[notice.mode]];
    case 'manualFailoverRequested':
      return ['notice', `Manual failover requested by replica ${notice.id}.`];
    case 'manualFailoverOffsetReceived':
      return [
        'notice',
        `Received replication offset for paused master manual failover: ${notice.offset}`,
      ];
    case 'manualFailoverReady':
      return ['notice', 'All master replication stream processed, manual failover can start.'];
    case 'manualFailoverTimedOut':
      return ['notice', 'Manual failover timed out.'];
    case 'circleLeft':
      return [
        'warning',
        `Node ${notice.id} and this one follow each other. Reconfiguring myself as a master without slots.`,
      ];
    case 'reconfigured':
      return ['notice', reconfigurationText(notice)];
    default:
      return unreachable(notice);
  }
}

const OBSTACLES: Readonly<Record<FailoverObstacle, string>> = {
  dataAge:
    "Disconnected from master for longer than allowed. Please check the 'cluster-replica-validity-factor' configuration option.",
  waitingDelay: 'Waiting the delay before I can start a new failover.',
  waitingVotes: 'Waiting for votes, but majority still not reached.',
  expired: 'Failover attempt expired.',
  noVoteMemory: 'My former votes are not known, and I have not heard a majority yet.',
  loading: 'The data of my master is not complete here.',
  uncorroborated: 'Neither this node nor a reporting master finds that my master is failing.',
};

const MANUAL_FAILOVERS: Readonly<Record<FailoverMode, string>> = {
  graceful: 'Manual failover user request accepted.',
  force: 'Forced failover user request accepted.',
  takeover: 'Taking over the master (user request).',
};

function refusalText(refusal: VoteRefusal): string {
  switch (refusal.reason) {
    case 'notAVoter':
      return 'this node does not vote';
    case 'oldEpoch':
      return `reqEpoch (${refusal.requestEpoch}) < curEpoch(${refusal.currentEpoch})`;
    case 'alreadyVoted':
      return `already voted for epoch ${refusal.epoch}`;
    case 'isPrimary':
      return 'it is a master node';
    case 'primaryUnknown':
      return "I don't know its master";
    case 'primaryUp':
      return 'its master is up';
    case 'votedRecently':
      return `can't vote about this master before ${refusal.remainingMs} milliseconds`;
    case 'slotEpoch':
      return `slot ${refusal.slot} epoch (${refusal.slotEpoch}) > reqEpoch (${refusal.requestEpoch})`;
    case 'leaseOpen':
      return `its master may count on my answer for another ${refusal.remainingMs} milliseconds`;
    case 'justStarted':
      return `started a moment ago, can't vote for another ${refusal.remainingMs} milliseconds`;
    case 'noVoteMemory':
      return 'my former votes are not known, and I have not heard a majority yet';
    default:
      return unreachable(refusal);
  }
}

function reconfigurationText({
  reason,
  id,
}: Extract<FailoverNotice, { readonly kind: 'reconfigured' }>): string {
  switch (reason) {
    case 'slotsTaken':
      return `Configuration change detected. Reconfiguring myself as a replica of ${id}`;
    case 'subReplica':
      return `I'm a sub-replica! Reconfiguring myself as a replica of grandmaster ${id}`;
    case 'migration':
      return `Migrating to orphaned master ${id}`;
    default:
      return unreachable(reason);
  }
}

function place({ host, port }: NodeAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
