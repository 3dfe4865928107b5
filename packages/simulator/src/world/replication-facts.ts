// What the rules of the cluster are told of a node's replication, as the app answers them.

import type { LocalFacts } from '@slotmesh/cluster-core';
import type { Replication, ReplicationFacts } from '@slotmesh/replication';

type Facts = Pick<LocalFacts, 'replicationOffset' | 'primaryLinkUp' | 'lastPrimaryInteractionMs'>;

/** Answers from the machine; `facts`: what it says of itself at the time 0, if that is at hand. */
export function factsOf(
  machineOf: () => Replication,
  facts: () => ReplicationFacts = () => machineOf().facts(0),
): Facts {
  return {
    replicationOffset: () => {
      const machine = machineOf();
      if (machine.isPrimary) return machine.offset;
      return facts().link?.isSynced === true ? machine.offset : 0;
    },
    primaryLinkUp: () => facts().link?.isUp ?? false,
    lastPrimaryInteractionMs: () => {
      const { link } = facts();
      // Asked at the time 0, the age of the data is when they were last fresh.
      return link === null || link.dataAgeMs === Number.POSITIVE_INFINITY ? null : -link.dataAgeMs;
    },
  };
}
