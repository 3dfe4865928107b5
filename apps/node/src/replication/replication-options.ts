// The directives that replication follows, in its terms.

import type { ReplicationOptions } from '@slotmesh/replication';
import type { Config } from '../config/config.ts';

/** Between two attempts to reach the primary. */
const RECONNECT_MS = 1000;
/** The second class of client-output-buffer-limit: `replica hard soft seconds`. */
const REPLICA_LIMIT_AT = 4;

/** Directives whose change changes {@link replicationOptions}. */
export const REPLICATION_OPTION_NAMES: readonly string[] = [
  'repl-backlog-size',
  'repl-backlog-ttl',
  'repl-timeout',
  'repl-ping-replica-period',
  'repl-diskless-sync',
  'repl-diskless-sync-delay',
  'repl-diskless-sync-max-replicas',
  'repl-diskless-load',
  'client-output-buffer-limit',
  'min-replicas-max-lag',
  'masteruser',
  'masterauth',
  'replica-announce-port',
  'replica-announce-ip',
];

/** What is asked of the node when it matters. */
export interface ReplicationSurroundings {
  /** There are no keys now. */
  readonly isEmpty: () => boolean;
  /** This node's id in the cluster, which CLUSTER RESET changes; null outside of one. */
  readonly nodeId: () => string | null;
}

export function replicationOptions(
  config: Config,
  { isEmpty, nodeId }: ReplicationSurroundings,
): ReplicationOptions {
  const [, hardBytes, softBytes, softSeconds] = config
    .words('client-output-buffer-limit')
    .slice(REPLICA_LIMIT_AT)
    .map(Number);
  return {
    backlogBytes: config.number('repl-backlog-size'),
    backlogTtlMs: config.number('repl-backlog-ttl') * 1000,
    timeoutMs: config.number('repl-timeout') * 1000,
    pingPeriodMs: config.number('repl-ping-replica-period') * 1000,
    disklessSync: config.isOn('repl-diskless-sync'),
    disklessSyncDelayMs: config.number('repl-diskless-sync-delay') * 1000,
    disklessSyncReplicasMax: config.number('repl-diskless-sync-max-replicas'),
    // Asked when a snapshot begins. With `swapdb` the old data are to stay until the new are there, which is what a
    // file does.
    get disklessLoad() {
      return config.text('repl-diskless-load') === 'on-empty-db' && isEmpty();
    },
    outputHardBytesMax: hardBytes,
    outputSoftBytesMax: softBytes,
    outputSoftMs: softSeconds * 1000,
    goodReplicaLagMs: config.number('min-replicas-max-lag') * 1000,
    reconnectMs: RECONNECT_MS,
    user: config.text('masteruser') || null,
    password: config.text('masterauth') || null,
    announcePort: config.number('replica-announce-port') || config.number('port'),
    announceHost: config.text('replica-announce-ip') || null,
    get announceNodeId() {
      return nodeId();
    },
  };
}
