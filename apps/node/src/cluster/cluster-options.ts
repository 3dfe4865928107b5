// The directives that the cluster's rules follow, in their terms.

import type { ClusterOptions } from '@slotmesh/cluster-core';
import type { Config } from '../config/config.ts';

/** How long a primary waits after its start before it calls the cluster ok: others may have taken its slots. */
export const WRITABLE_DELAY_MS = 2000;

/** Directives whose change changes {@link clusterOptions}. */
export const CLUSTER_OPTION_NAMES: readonly string[] = [
  'cluster-node-timeout',
  'cluster-require-full-coverage',
  'cluster-allow-reads-when-down',
  'cluster-allow-pubsubshard-when-down',
  'cluster-allow-replica-migration',
  'cluster-replica-no-failover',
  'cluster-blacklist-ttl',
  'cluster-write-lease',
  'cluster-announce-ip',
  'cluster-announce-port',
  'cluster-announce-tls-port',
  'cluster-announce-bus-port',
  'cluster-announce-hostname',
  'cluster-announce-human-nodename',
];

export function clusterOptions(config: Config, writableDelayMs: number): ClusterOptions {
  return {
    nodeTimeoutMs: config.number('cluster-node-timeout'),
    requireFullCoverage: config.isOn('cluster-require-full-coverage'),
    allowReadsWhenDown: config.isOn('cluster-allow-reads-when-down'),
    allowPubsubShardWhenDown: config.isOn('cluster-allow-pubsubshard-when-down'),
    replicaNoFailover: config.isOn('cluster-replica-no-failover'),
    blacklistTtlS: config.number('cluster-blacklist-ttl'),
    lease: config.isOn('cluster-write-lease'),
    writableDelayMs,
    announce: {
      host: config.text('cluster-announce-ip'),
      port: config.number('cluster-announce-port'),
      altPort: config.number('cluster-announce-tls-port'),
      busPort: config.number('cluster-announce-bus-port'),
      hostname: config.text('cluster-announce-hostname'),
      nodename: config.text('cluster-announce-human-nodename'),
    },
  };
}
