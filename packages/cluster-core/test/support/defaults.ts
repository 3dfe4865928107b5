// The configuration of simulated nodes, where a test does not say otherwise: redis.conf's defaults,
// but for the node timeout.

import type { ClusterOptions } from '../../src/index.ts';

export const NODE_TIMEOUT_MS = 2000;

export const DEFAULTS: ClusterOptions = {
  nodeTimeoutMs: NODE_TIMEOUT_MS,
  requireFullCoverage: true,
  allowReadsWhenDown: false,
  allowPubsubShardWhenDown: true,
  replicaNoFailover: false,
  blacklistTtlS: 60,
  lease: true,
  writableDelayMs: 2000,
  announce: { host: '', port: 0, altPort: 0, busPort: 0, hostname: '', nodename: '' },
};
