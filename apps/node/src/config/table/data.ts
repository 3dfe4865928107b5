// Values, memory and persistence.

import { type Directive, directive } from '../directive.ts';
import {
  bool,
  choice,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  textOrEmpty,
  ULONG_MAX,
} from '../kinds.ts';
import { keyspaceEvents, oomScores, percentiles, savePoints } from '../special-kinds.ts';

const fixed = true;
const hidden = true;
const used = true;

/** A file in `dir`, named and not placed. */
function baseName(what: string, kind: string, mayBeEmpty: boolean) {
  return (value: string): string | null => {
    if (value === '' && !mayBeEmpty) return `${what} can't be empty`;
    return value.includes('/') ? `${what} can't be a path, just a ${kind}` : null;
  };
}

export const DATA_DIRECTIVES: readonly Directive[] = [
  directive('save', savePoints('3600 1 300 100 60 10000'), { used, alwaysWritten: true }),
  directive('dbfilename', textOrEmpty('dump.rdb', baseName('dbfilename', 'filename', true)), {
    used,
    guarded: true,
  }),
  directive('rdbcompression', bool('yes'), { used }),
  directive('rdbchecksum', bool('yes'), { used, fixed }),
  directive('rdb-del-sync-files', bool('no')),
  directive('rdb-save-incremental-fsync', bool('yes')),
  directive('rdb-key-save-delay', integer(0, -INT_MAX - 1n, INT_MAX), { hidden }),
  directive('key-load-delay', integer(0, -INT_MAX - 1n, INT_MAX), { hidden }),
  directive('loading-process-events-interval-bytes', integer(2 << 20, 1024, INT_MAX), { hidden }),
  directive('stop-writes-on-bgsave-error', bool('yes'), { used }),
  directive('sanitize-dump-payload', choice('no', ['no', 'yes', 'clients'])),
  directive('appendonly', bool('no')),
  directive(
    'appendfilename',
    textOrEmpty('appendonly.aof', baseName('appendfilename', 'filename', false)),
    { fixed },
  ),
  directive(
    'appenddirname',
    textOrEmpty('appendonlydir', baseName('appenddirname', 'dirname', false)),
    { fixed },
  ),
  directive('appendfsync', choice('everysec', ['everysec', 'always', 'no'])),
  directive('no-appendfsync-on-rewrite', bool('no')),
  directive('auto-aof-rewrite-percentage', integer(100, 0, INT_MAX)),
  directive('auto-aof-rewrite-min-size', memory(64 << 20, 0, LONG_MAX)),
  directive('aof-rewrite-incremental-fsync', bool('yes')),
  directive('aof-load-truncated', bool('yes')),
  directive('aof-use-rdb-preamble', bool('yes')),
  directive('aof-timestamp-enabled', bool('no')),
  directive('aof-disable-auto-gc', bool('no')),

  directive('maxmemory', memory(0, 0, ULONG_MAX)),
  directive(
    'maxmemory-policy',
    choice('noeviction', [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ]),
  ),
  directive('maxmemory-samples', integer(5, 1, INT_MAX)),
  directive('maxmemory-eviction-tenacity', integer(10, 0, 100)),
  directive('lfu-log-factor', integer(10, 0, INT_MAX)),
  directive('lfu-decay-time', integer(1, 0, INT_MAX)),
  directive('lazyfree-lazy-eviction', bool('no'), { used }),
  directive('lazyfree-lazy-expire', bool('no'), { used }),
  directive('lazyfree-lazy-server-del', bool('no')),
  directive('lazyfree-lazy-user-del', bool('no')),
  directive('lazyfree-lazy-user-flush', bool('no')),
  directive('activerehashing', bool('yes')),
  directive('activedefrag', bool('no')),
  directive('active-defrag-ignore-bytes', memory(100 << 20, 1, LONG_MAX)),
  directive('active-defrag-threshold-lower', integer(10, 0, 1000)),
  directive('active-defrag-threshold-upper', integer(100, 0, 1000)),
  directive('active-defrag-cycle-min', integer(1, 1, 99)),
  directive('active-defrag-cycle-max', integer(25, 1, 99)),
  directive('active-defrag-max-scan-fields', integer(1000, 1, LONG_MAX)),
  directive('active-expire-effort', integer(1, 1, 10)),
  directive('oom-score-adj', choice('no', ['no', 'yes', 'relative', 'absolute'])),
  directive('oom-score-adj-values', oomScores('0 200 800')),

  directive('hash-max-listpack-entries', integer(512, 0, LONG_MAX), {
    alias: 'hash-max-ziplist-entries',
  }),
  directive('hash-max-listpack-value', memory(64, 0, LONG_MAX), {
    alias: 'hash-max-ziplist-value',
  }),
  directive('list-max-listpack-size', integer(-2, -INT_MAX - 1n, INT_MAX), {
    alias: 'list-max-ziplist-size',
  }),
  directive('list-compress-depth', integer(0, 0, INT_MAX)),
  directive('set-max-intset-entries', integer(512, 0, LONG_MAX)),
  directive('zset-max-listpack-entries', integer(128, 0, LONG_MAX), {
    alias: 'zset-max-ziplist-entries',
  }),
  directive('zset-max-listpack-value', memory(64, 0, LONG_MAX), {
    alias: 'zset-max-ziplist-value',
  }),
  directive('hll-sparse-max-bytes', memory(3000, 0, LONG_MAX)),
  directive('stream-node-max-bytes', memory(4096, 0, LONG_MAX)),
  directive('stream-node-max-entries', integer(100, 0, LONG_MAX)),
  directive('tracking-table-max-keys', integer(1_000_000, 0, LONG_MAX)),
  directive('notify-keyspace-events', keyspaceEvents()),
  directive('latency-tracking-info-percentiles', percentiles('50 99 99.9'), {
    alwaysWritten: true,
  }),
];
