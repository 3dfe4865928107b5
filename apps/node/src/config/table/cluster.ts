// The cluster, replication and TLS.

import { type Directive, directive } from '../directive.ts';
import {
  bool,
  choice,
  clamped,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  only,
  text,
  textOrEmpty,
  ULONG_MAX,
} from '../kinds.ts';
import { replicaOf } from '../special-kinds.ts';

const fixed = true;
const used = true;
const PORT_MAX = 65_535;

/** The most characters that a host name takes. */
const HOSTNAME_MAX = 255;

function hostname(value: string): string | null {
  if (value.length > HOSTNAME_MAX) return 'Hostnames must be less than 256 characters';
  if (/^[A-Za-z0-9.-]*$/.test(value)) return null;
  return 'Hostnames may only contain alphanumeric characters, hyphens or dots';
}

/** Text that nodes.conf holds between commas and blanks. */
function nodename(value: string): string | null {
  if (/^[^!#$%&()*+:;<>?@[\]^{|}~`\s"',=/\\]*$/.test(value)) return null;
  return 'Announced human node name contained invalid character';
}

export const CLUSTER_DIRECTIVES: readonly Directive[] = [
  directive('cluster-enabled', bool('no'), { fixed, used }),
  directive(
    'cluster-config-file',
    textOrEmpty('nodes.conf', (value) =>
      value === '' ? "cluster-config-file can't be empty" : null,
    ),
    { fixed, used },
  ),
  directive('cluster-port', integer(0, 0, PORT_MAX), { fixed, used }),
  directive('cluster-node-timeout', integer(15_000, 0, LONG_MAX), { used }),
  directive('cluster-announce-ip', text(), { used }),
  directive('cluster-announce-port', integer(0, 0, PORT_MAX), { used }),
  directive('cluster-announce-tls-port', integer(0, 0, PORT_MAX), { used }),
  directive('cluster-announce-bus-port', integer(0, 0, PORT_MAX), { used }),
  directive('cluster-announce-hostname', text('', hostname), { used }),
  directive('cluster-announce-human-nodename', text('', nodename), { used }),
  directive(
    'cluster-preferred-endpoint-type',
    choice('ip', ['ip', 'hostname', 'unknown-endpoint']),
    { used },
  ),
  directive('cluster-require-full-coverage', bool('yes'), { used }),
  directive('cluster-allow-reads-when-down', bool('no'), { used }),
  directive('cluster-allow-pubsubshard-when-down', bool('yes'), { used }),
  directive('cluster-allow-replica-migration', bool('yes'), { used }),
  directive('cluster-replica-no-failover', bool('no'), {
    used,
    alias: 'cluster-slave-no-failover',
  }),
  directive('cluster-replica-validity-factor', integer(10, 0, INT_MAX), {
    used,
    alias: 'cluster-slave-validity-factor',
  }),
  directive('cluster-migration-barrier', integer(1, 0, INT_MAX), { used }),
  directive('cluster-link-sendbuf-limit', memory(0, 0, ULONG_MAX), { used }),
  directive('cluster-blacklist-ttl', integer(60, 0, LONG_MAX), { used }),
  // Ours alone, from here on: a primary takes writes only while a majority has answered it within the node timeout.
  directive('cluster-write-lease', bool('yes'), { used }),
  directive('slotmesh-stall-guard', bool('yes'), { used }),
  directive('slotmesh-election-strategy', choice('redis', ['redis', 'valkey9']), { used }),
  directive('slotmesh-writable-delay-ms', integer(2000, 0, INT_MAX), { used }),
  directive('slotmesh-rejoin-delay-min-ms', integer(500, 0, INT_MAX), { used }),
  directive('slotmesh-rejoin-delay-max-ms', integer(5000, 0, INT_MAX), { used }),
  directive('slotmesh-recovery-silence', bool('yes'), { used }),
];

export const REPLICATION_DIRECTIVES: readonly Directive[] = [
  directive('replicaof', replicaOf(), { used, fixed, alias: 'slaveof' }),
  directive('masteruser', text(), { used, alias: 'primaryuser' }),
  directive('masterauth', text(), { used, alias: 'primaryauth' }),
  directive('replica-serve-stale-data', bool('yes'), { used, alias: 'slave-serve-stale-data' }),
  directive('replica-read-only', bool('yes'), { used, alias: 'slave-read-only' }),
  directive('replica-ignore-maxmemory', bool('yes'), { used, alias: 'slave-ignore-maxmemory' }),
  directive('replica-ignore-disk-write-errors', bool('no')),
  directive('replica-lazy-flush', bool('no'), { alias: 'slave-lazy-flush' }),
  directive('replica-priority', integer(100, 0, INT_MAX), { used, alias: 'slave-priority' }),
  directive('replica-announced', bool('yes'), { used }),
  directive('replica-announce-ip', text(), { used, alias: 'slave-announce-ip' }),
  directive('replica-announce-port', integer(0, 0, PORT_MAX), {
    used,
    alias: 'slave-announce-port',
  }),
  directive('min-replicas-to-write', integer(0, 0, INT_MAX), {
    used,
    alias: 'min-slaves-to-write',
  }),
  directive('min-replicas-max-lag', integer(10, 0, INT_MAX), { used, alias: 'min-slaves-max-lag' }),
  directive('repl-backlog-size', clamped(memory(1 << 20, 1, LONG_MAX), 16_384, LONG_MAX), { used }),
  directive('repl-backlog-ttl', integer(3600, 0, LONG_MAX), { used }),
  directive('repl-timeout', integer(60, 1, INT_MAX), { used }),
  directive('repl-ping-replica-period', integer(10, 1, INT_MAX), {
    used,
    alias: 'repl-ping-slave-period',
  }),
  directive('repl-disable-tcp-nodelay', bool('no')),
  directive('repl-diskless-sync', bool('yes'), { used }),
  directive('repl-diskless-sync-delay', integer(5, 0, INT_MAX), { used }),
  directive('repl-diskless-sync-max-replicas', integer(0, 0, INT_MAX), { used }),
  directive('repl-diskless-load', choice('disabled', ['disabled', 'on-empty-db', 'swapdb']), {
    used,
  }),
  directive(
    'propagation-error-behavior',
    choice('ignore', ['ignore', 'panic', 'panic-on-replicas']),
  ),
];

const NO_TLS = 'TLS is not supported';

export const TLS_DIRECTIVES: readonly Directive[] = [
  directive('tls-port', only(integer(0, 0, PORT_MAX), NO_TLS), { fixed }),
  directive('tls-cluster', only(bool('no'), NO_TLS), { fixed }),
  directive('tls-replication', only(bool('no'), NO_TLS), { fixed }),
  directive('tls-auth-clients', choice('yes', ['no', 'yes', 'optional'])),
  directive('tls-prefer-server-ciphers', bool('no')),
  directive('tls-session-caching', bool('yes')),
  directive('tls-session-cache-size', integer(20_480, 0, INT_MAX)),
  directive('tls-session-cache-timeout', integer(300, 0, INT_MAX)),
  ...[
    'tls-cert-file',
    'tls-key-file',
    'tls-key-file-pass',
    'tls-client-cert-file',
    'tls-client-key-file',
    'tls-client-key-file-pass',
    'tls-dh-params-file',
    'tls-ca-cert-file',
    'tls-ca-cert-dir',
    'tls-protocols',
    'tls-ciphers',
    'tls-ciphersuites',
  ].map((name) => directive(name, text())),
];
