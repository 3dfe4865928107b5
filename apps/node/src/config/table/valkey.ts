// What Redis 7.2 and Valkey up to 8.1 added and Redis 7.0 does not know; none of it is written into a file unless it was
// there or differs from its standard value.

import { type Directive, directive } from '../directive.ts';
import { bool, choice, INT_MAX, integer, LONG_MAX, text, textOrEmpty, UINT_MAX } from '../kinds.ts';

const fixed = true;
const hidden = true;
const used = true;

export const VALKEY_DIRECTIVES: readonly Directive[] = [
  directive('availability-zone', textOrEmpty('')),
  directive('cluster-ping-interval', integer(0, 0, LONG_MAX), { hidden }),
  directive('cluster-slot-stats-enabled', bool('no')),
  directive('cluster-manual-failover-timeout', integer(5_000, 1, INT_MAX), { used }),
  directive('cluster-announce-client-ipv4', text()),
  directive('cluster-announce-client-ipv6', text()),
  directive('commandlog-request-larger-than', integer(1 << 20, -1, LONG_MAX)),
  directive('commandlog-large-request-max-len', integer(128, 0, LONG_MAX)),
  directive('commandlog-reply-larger-than', integer(1 << 20, -1, LONG_MAX)),
  directive('commandlog-large-reply-max-len', integer(128, 0, LONG_MAX)),
  directive('active-defrag-cycle-us', integer(500, 0, 100_000)),
  directive('set-max-listpack-entries', integer(128, 0, LONG_MAX)),
  directive('set-max-listpack-value', integer(64, 0, LONG_MAX)),
  directive('max-new-connections-per-cycle', integer(10, 1, 1000)),
  directive('max-new-tls-connections-per-cycle', integer(1, 1, 1000)),
  directive('prefetch-batch-max-size', integer(16, 0, 128)),
  directive('events-per-io-thread', integer(2, 0, INT_MAX), { hidden }),
  directive('dual-channel-replication-enabled', bool('no')),
  directive('import-mode', bool('no')),
  directive('rdb-version-check', choice('strict', ['strict', 'relaxed'])),
  directive('extended-redis-compatibility', bool('no')),
  directive('hide-user-data-from-log', bool('yes')),
  directive('log-format', choice('legacy', ['legacy', 'logfmt'])),
  directive('log-timestamp-format', choice('legacy', ['legacy', 'iso8601', 'milliseconds'])),
  directive('locale-collate', textOrEmpty('')),
  directive('lua-enable-insecure-api', bool('no'), { alias: 'lua-enable-deprecated-api' }),
  directive('enable-debug-assert', bool('no'), { fixed, hidden, alias: 'debug-assert-enabled' }),
  directive('debug-context', text(), { hidden }),
  directive('unixsocketgroup', text(), { fixed }),
  directive('client-default-resp', integer(2, 2, 3), { fixed, hidden }),
  directive('req-res-logfile', text(), { fixed, hidden }),
  directive('rdma-port', integer(0, 0, 65_535), { fixed }),
  directive('rdma-bind', text(), { fixed }),
  directive('rdma-rx-size', integer(1 << 20, 1 << 16, UINT_MAX), { fixed }),
  directive('rdma-completion-vector', integer(-1, -1, 1024), { fixed }),
];
