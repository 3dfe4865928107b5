// What the rules know of replication, in the terms of INFO and ROLE.

import type { ReplicationFacts as PortFacts, PrimaryLinkFacts } from '@slotmesh/commands';
import type { LinkFacts, ReplicationFacts } from '@slotmesh/replication';

/** All but what is counted where the sockets are. */
export function portFacts(facts: ReplicationFacts): Omit<PortFacts, 'inputBytes' | 'outputBytes'> {
  return {
    primaryLink: facts.link === null ? null : linkFacts(facts.link),
    replicas: facts.replicas.map(({ host, port, state, offset, lagS }) => ({
      address: host,
      port,
      state,
      offset,
      lagS,
    })),
    id: facts.id,
    secondId: facts.secondId,
    offset: facts.offset,
    secondOffset: facts.secondOffset,
    backlog: {
      isActive: facts.isBacklogActive,
      sizeBytes: facts.backlogBytes,
      firstByteOffset: facts.backlogFirstOffset,
      lengthBytes: facts.backlogHistoryBytes,
    },
    fullSyncs: facts.fullSyncs,
    partialSyncs: facts.partialSyncs,
    refusedPartialSyncs: facts.partialSyncsRefused,
  };
}

function linkFacts(link: LinkFacts): PrimaryLinkFacts {
  return {
    host: link.host,
    port: link.port,
    state: link.state,
    lastIoSecondsAgo: link.lastIoS,
    readOffset: link.readOffset,
    offset: link.appliedOffset,
    sync: link.isSyncing
      ? {
          totalBytes: link.syncTotalBytes,
          readBytes: link.syncReadBytes,
          lastIoSecondsAgo: link.syncLastIoS,
        }
      : null,
    downSinceS: link.downSinceS,
  };
}
