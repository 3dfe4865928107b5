// The directives that the cluster's rules follow, in their terms.

import type { ClusterOptions, ElectionStrategy } from '@slotmesh/cluster-core';
import type { Config } from '../config/config.ts';

/** Directives whose change changes {@link clusterOptions}. */
export const CLUSTER_OPTION_NAMES: readonly string[] = [
  'cluster-node-timeout',
  'cluster-require-full-coverage',
  'cluster-allow-reads-when-down',
  'cluster-allow-pubsubshard-when-down',
  'cluster-allow-replica-migration',
  'cluster-replica-no-failover',
  'cluster-blacklist-ttl',
  'cluster-replica-validity-factor',
  'cluster-migration-barrier',
  'cluster-manual-failover-timeout',
  'repl-ping-replica-period',
  'cluster-write-lease',
  'slotmesh-stall-guard',
  'slotmesh-election-strategy',
  'slotmesh-writable-delay-ms',
  'slotmesh-rejoin-delay-min-ms',
  'slotmesh-rejoin-delay-max-ms',
  'slotmesh-recovery-silence',
  'cluster-announce-ip',
  'cluster-announce-port',
  'cluster-announce-tls-port',
  'cluster-announce-bus-port',
  'cluster-announce-hostname',
  'cluster-announce-human-nodename',
];

/** With `writableDelayMs`, that counts and not the configuration: a test does not want to wait. */
export function clusterOptions(config: Config, writableDelayMs: number | null): ClusterOptions {
  return {
    nodeTimeoutMs: config.number('cluster-node-timeout'),
    requireFullCoverage: config.isOn('cluster-require-full-coverage'),
    allowReadsWhenDown: config.isOn('cluster-allow-reads-when-down'),
    allowPubsubShardWhenDown: config.isOn('cluster-allow-pubsubshard-when-down'),
    replicaNoFailover: config.isOn('cluster-replica-no-failover'),
    blacklistTtlS: config.number('cluster-blacklist-ttl'),
    lease: config.isOn('cluster-write-lease'),
    stallGuard: config.isOn('slotmesh-stall-guard'),
    writableDelayMs: writableDelayMs ?? config.number('slotmesh-writable-delay-ms'),
    rejoinDelayMsMin: config.number('slotmesh-rejoin-delay-min-ms'),
    rejoinDelayMsMax: config.number('slotmesh-rejoin-delay-max-ms'),
    recoverySilence: config.isOn('slotmesh-recovery-silence'),
    replicaValidityFactor: config.number('cluster-replica-validity-factor'),
    allowReplicaMigration: config.isOn('cluster-allow-replica-migration'),
    migrationBarrier: config.number('cluster-migration-barrier'),
    replPingPeriodMs: config.number('repl-ping-replica-period') * 1000,
    manualFailoverTimeoutMs: config.number('cluster-manual-failover-timeout'),
    electionStrategy: config.text('slotmesh-election-strategy') as ElectionStrategy,
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
