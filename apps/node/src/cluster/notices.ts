// The cluster's notices as log lines. Where redis-server has a line for the same event that tools read, it is that line.

import type { ClusterNotice } from '@slotmesh/cluster-core';
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
    default:
      return unreachable(notice);
  }
}

function place({ host, port }: NodeAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
