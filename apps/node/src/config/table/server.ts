// The process, its connections, its log and its limits.

import { type Directive, directive } from '../directive.ts';
import {
  bool,
  choice,
  clamped,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  memoryOrPercent,
  octal,
  only,
  text,
  textOrEmpty,
  UINT_MAX,
} from '../kinds.ts';
import { bindAddresses, directory, outputBufferLimits, shutdownFlags } from '../special-kinds.ts';

const fixed = true;
const used = true;

/** Who may: nobody, everybody, or clients on this machine. */
const PERMISSION = choice('no', ['no', 'yes', 'local']);

/** Made of plain text and the variables that there are. */
function titleTemplate(value: string): string | null {
  const variables = /\{(title|listen-addr|server-mode|port|tls-port|unixsocket|config-file)\}/g;
  const rest = value.replaceAll(variables, '');
  if (value !== '' && !/[{}]/.test(rest)) return null;
  return 'template format is invalid or contains unknown variables';
}

const NO_ACL = 'ACL files are not supported: use requirepass';

export const SERVER_DIRECTIVES: readonly Directive[] = [
  directive('port', integer(6379, 0, 65_535), { fixed, used }),
  directive('bind', bindAddresses('* -::*'), { fixed, used }),
  directive('bind-source-addr', text(), { used }),
  directive('protected-mode', bool('yes'), { used }),
  directive('unixsocket', text(), { fixed, used }),
  directive('unixsocketperm', octal(0, 0o777n), { fixed, used }),
  directive('tcp-backlog', integer(511, 0, INT_MAX), { fixed, used }),
  directive('tcp-keepalive', integer(300, 0, INT_MAX), { used }),
  directive('timeout', integer(0, 0, INT_MAX), { used }),
  directive('socket-mark-id', integer(0, 0, UINT_MAX), { fixed }),
  directive('maxclients', integer(10_000, 1, UINT_MAX), { used }),
  directive(
    'client-output-buffer-limit',
    outputBufferLimits('normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'),
    { used },
  ),
  directive('client-query-buffer-limit', memory(1n << 30n, 1 << 20, LONG_MAX), { used }),
  directive('proto-max-bulk-len', memory(1n << 29n, 1 << 20, LONG_MAX), { used }),
  directive('maxmemory-clients', memoryOrPercent(0)),

  directive('requirepass', text(), { used }),
  directive('aclfile', only(textOrEmpty(''), NO_ACL), { fixed }),
  directive('acllog-max-len', integer(128, 0, LONG_MAX)),
  directive('acl-pubsub-default', choice('resetchannels', ['allchannels', 'resetchannels'])),
  directive('enable-protected-configs', PERMISSION, { fixed, used }),
  directive('enable-debug-command', PERMISSION, { fixed, used }),
  directive('enable-module-command', PERMISSION, { fixed }),

  directive(
    'daemonize',
    only(
      bool('no'),
      'daemonize is not supported: the process that is started is the server; let a supervisor or the shell keep it',
    ),
    { fixed },
  ),
  directive('supervised', choice('no', ['upstart', 'systemd', 'auto', 'no']), { fixed }),
  directive('pidfile', text(), { fixed, used }),
  directive('dir', directory(), { guarded: true, used, alwaysWritten: true }),
  directive('loglevel', choice('notice', ['debug', 'verbose', 'notice', 'warning']), { used }),
  directive('logfile', textOrEmpty(''), { fixed, used }),
  directive('syslog-enabled', bool('no'), { fixed }),
  directive('syslog-ident', textOrEmpty('redis'), { fixed }),
  directive(
    'syslog-facility',
    choice('local0', ['user', ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `local${n}`)]),
    { fixed },
  ),
  directive('always-show-logo', bool('no'), { fixed, used }),
  directive('set-proc-title', bool('yes'), { fixed }),
  directive(
    'proc-title-template',
    textOrEmpty('{title} {listen-addr} {server-mode}', titleTemplate),
  ),
  directive('databases', integer(16, 1, INT_MAX), { fixed, used }),
  directive('hz', clamped(integer(10, 0, INT_MAX), 1, 500)),
  directive('dynamic-hz', bool('yes')),
  directive('shutdown-timeout', integer(10, 0, INT_MAX), { used }),
  directive('shutdown-on-sigint', shutdownFlags(), { used }),
  directive('shutdown-on-sigterm', shutdownFlags(), { used }),
  directive('crash-log-enabled', bool('yes')),
  directive('crash-memcheck-enabled', bool('yes')),
  directive('use-exit-on-panic', bool('no'), { hidden: true }),
  directive('watchdog-period', integer(0, 0, INT_MAX), { hidden: true }),
  directive('ignore-warnings', textOrEmpty('')),
  directive('disable-thp', bool('yes'), { fixed }),
  directive('jemalloc-bg-thread', bool('yes')),
  directive('io-threads', integer(1, 1, 128), { fixed }),
  directive('io-threads-do-reads', bool('no'), { fixed }),
  directive('server_cpulist', text(), { fixed, alias: 'server-cpulist' }),
  directive('bio_cpulist', text(), { fixed, alias: 'bio-cpulist' }),
  directive('aof_rewrite_cpulist', text(), { fixed, alias: 'aof-rewrite-cpulist' }),
  directive('bgsave_cpulist', text(), { fixed, alias: 'bgsave-cpulist' }),
  directive('slowlog-log-slower-than', integer(10_000, -1, LONG_MAX), {
    alias: 'commandlog-execution-slower-than',
  }),
  directive('slowlog-max-len', integer(128, 0, LONG_MAX), {
    alias: 'commandlog-slow-execution-max-len',
  }),
  directive('latency-monitor-threshold', integer(0, 0, LONG_MAX)),
  directive('latency-tracking', bool('yes')),
  directive('busy-reply-threshold', integer(5_000, 0, LONG_MAX), { alias: 'lua-time-limit' }),
];
