// The configuration of simulated nodes, where a test does not say otherwise: redis.conf's defaults,
// but for the node timeout.

import { type ClusterOptions, clusterDefaults, type LocalFacts } from '../../src/index.ts';

export const NODE_TIMEOUT_MS = 2000;

export const DEFAULTS: ClusterOptions = { ...clusterDefaults, nodeTimeoutMs: NODE_TIMEOUT_MS };

/** A node without keys that follows nobody. */
export const NO_FACTS: LocalFacts = {
  keyCountInSlot: () => 0,
  keyCount: () => 0,
  replicationOffset: () => 0,
  primaryLinkUp: () => false,
  lastPrimaryInteractionMs: () => null,
  isLoading: () => false,
};
