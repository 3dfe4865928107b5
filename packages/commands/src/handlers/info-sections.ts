// What each section of INFO says: names, order and number formats of Redis 7.2. A field about something that this server
// does not do (forks, append-only files, Lua) has the value that a Redis which does not use it shows; fields of Redis's
// own allocator and threads are left out.

import type { CommandContext } from '../context.ts';
import type { ServerFacts } from '../ports.ts';
import { REDIS_VERSION } from '../version.ts';

export interface InfoSource {
  readonly context: CommandContext;
  readonly facts: ServerFacts;
}

export type InfoFields = readonly (readonly [name: string, value: string | number])[];

const SECONDS_PER_DAY = 86_400;
/** Redis's clock for the age of keys wraps at 24 bits. */
const LRU_CLOCK_MAX = 0xff_ffff;

export function serverSection({ context, facts }: InfoSource): InfoFields {
  const { clock, cluster } = context.ports;
  const nowS = Math.floor(context.nowMs / 1000);
  const uptimeS = Math.max(0, Math.floor((context.nowMs - facts.startedAtMs) / 1000));
  return [
    ['redis_version', REDIS_VERSION],
    ['server_name', 'slotmesh'],
    ['slotmesh_version', facts.version],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', '0000000000000000'],
    ['redis_mode', cluster === null ? 'standalone' : 'cluster'],
    ['os', facts.operatingSystem],
    ['arch_bits', facts.architectureBits],
    ['multiplexing_api', 'libuv'],
    ['runtime', facts.runtime],
    ['process_id', facts.processId],
    ['process_supervised', 'no'],
    ['run_id', facts.runId],
    ['tcp_port', facts.tcpPort],
    ['server_time_usec', clock.wallUs()],
    ['uptime_in_seconds', uptimeS],
    ['uptime_in_days', Math.floor(uptimeS / SECONDS_PER_DAY)],
    ['hz', facts.hz],
    ['configured_hz', facts.hz],
    ['lru_clock', nowS & LRU_CLOCK_MAX],
    ['executable', facts.executable],
    ['config_file', facts.configFile],
    ['io_threads_active', 0],
  ];
}

export function clientsSection({ context, facts }: InfoSource): InfoFields {
  let pubsub = 0;
  let inputMax = 0;
  let outputMax = 0;
  let replicas = 0;
  for (const session of context.clients) {
    if (session.isReplica) replicas++;
    if (session.subscriptionCount > 0) pubsub++;
    inputMax = Math.max(inputMax, session.transport.inputBytes);
    outputMax = Math.max(outputMax, session.transport.outputBytes);
  }
  return [
    ['connected_clients', context.clients.size - replicas],
    ['cluster_connections', facts.clusterConnections],
    ['maxclients', facts.clientsMax],
    ['client_recent_max_input_buffer', inputMax],
    ['client_recent_max_output_buffer', outputMax],
    ['blocked_clients', context.pause.waiting.size + context.blocked.size],
    ['tracking_clients', context.tracking.clientCount],
    ['pubsub_clients', pubsub],
    ['clients_in_timeout_table', context.blocked.timedCount],
  ];
}

export function memorySection({ context, facts }: InfoSource): InfoFields {
  const { settings } = context;
  const { memoryUsed, memoryResident, memoryPeak, memoryAtStart, systemMemory } = facts;
  const dataset = Math.max(0, memoryUsed - memoryAtStart);
  return [
    ['used_memory', memoryUsed],
    ['used_memory_human', humanBytes(memoryUsed)],
    ['used_memory_rss', memoryResident],
    ['used_memory_rss_human', humanBytes(memoryResident)],
    ['used_memory_peak', memoryPeak],
    ['used_memory_peak_human', humanBytes(memoryPeak)],
    ['used_memory_peak_perc', percent(memoryUsed, memoryPeak)],
    ['used_memory_overhead', Math.min(memoryAtStart, memoryUsed)],
    ['used_memory_startup', memoryAtStart],
    ['used_memory_dataset', dataset],
    ['used_memory_dataset_perc', percent(dataset, memoryUsed)],
    ['total_system_memory', systemMemory],
    ['total_system_memory_human', humanBytes(systemMemory)],
    ['used_memory_lua', 0],
    ['used_memory_lua_human', humanBytes(0)],
    ['used_memory_scripts', 0],
    ['used_memory_scripts_human', humanBytes(0)],
    ['maxmemory', settings.memory.maxMemoryBytes],
    ['maxmemory_human', humanBytes(settings.memory.maxMemoryBytes)],
    ['maxmemory_policy', settings.memory.policy],
    ['mem_fragmentation_ratio', ratio(memoryResident, memoryUsed)],
    ['mem_fragmentation_bytes', memoryResident - memoryUsed],
    ['mem_allocator', 'v8'],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', 0],
  ];
}

export function statsSection({ context, facts }: InfoSource): InfoFields {
  const { stats, pubsub } = context;
  const replication = context.replicationFacts;
  return [
    ['total_connections_received', facts.connectionsReceived],
    ['total_commands_processed', stats.commandsProcessed],
    ['instantaneous_ops_per_sec', Math.round(facts.commandsPerSecond)],
    ['total_net_input_bytes', facts.inputBytes],
    ['total_net_output_bytes', facts.outputBytes],
    ['total_net_repl_input_bytes', replication.inputBytes],
    ['total_net_repl_output_bytes', replication.outputBytes],
    ['instantaneous_input_kbps', (facts.inputBytesPerSecond / 1024).toFixed(2)],
    ['instantaneous_output_kbps', (facts.outputBytesPerSecond / 1024).toFixed(2)],
    ['rejected_connections', facts.connectionsRejected],
    ['sync_full', replication.fullSyncs],
    ['sync_partial_ok', replication.partialSyncs],
    ['sync_partial_err', replication.refusedPartialSyncs],
    ['expired_keys', context.ports.keyspace.expiredCount],
    ['expired_stale_perc', '0.00'],
    ['expired_time_cap_reached_count', 0],
    ['evicted_keys', context.ports.keyspace.evictedCount],
    ['evicted_clients', 0],
    ['keyspace_hits', stats.keyspaceHits],
    ['keyspace_misses', stats.keyspaceMisses],
    ['pubsub_channels', pubsub.channelCount(false)],
    ['pubsub_patterns', pubsub.patternCount],
    ['pubsubshard_channels', pubsub.channelCount(true)],
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['migrate_cached_sockets', 0],
    ['slave_expires_tracked_keys', 0],
    ['tracking_total_keys', context.tracking.keyCount],
    ['tracking_total_items', context.tracking.itemCount],
    ['tracking_total_prefixes', context.tracking.prefixCount],
    ['unexpected_error_replies', context.streamErrors],
    ['total_error_replies', stats.errorReplies],
    ['dump_payload_sanitizations', 0],
  ];
}

export function cpuSection({ facts }: InfoSource): InfoFields {
  return [
    ['used_cpu_sys', facts.cpuSystemSeconds.toFixed(6)],
    ['used_cpu_user', facts.cpuUserSeconds.toFixed(6)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
    ['used_cpu_sys_main_thread', facts.cpuSystemSecondsMainThread.toFixed(6)],
    ['used_cpu_user_main_thread', facts.cpuUserSecondsMainThread.toFixed(6)],
  ];
}

/** Times of fast commands are estimated from a sample (processor.ts). */
export function commandStatsSection({ context }: InfoSource): InfoFields {
  const { stats, table } = context;
  const fields: [name: string, value: string][] = [];
  for (const { id, fullName } of table.all) {
    const calls = stats.calls[id];
    const rejected = stats.rejected[id];
    if (calls === 0 && rejected === 0) continue;
    const usec = Math.round(stats.microsecondsIn(id));
    const perCall = (calls === 0 ? 0 : usec / calls).toFixed(2);
    fields.push([
      `cmdstat_${fullName}`,
      `calls=${calls},usec=${usec},usec_per_call=${perCall},` +
        `rejected_calls=${rejected},failed_calls=${stats.failed[id]}`,
    ]);
  }
  return fields;
}

/** From the times that were taken; those of fast commands are a sample. */
export function latencyStatsSection({ context }: InfoSource): InfoFields {
  const { stats, table, settings } = context;
  const fields: [name: string, value: string][] = [];
  for (const { id, fullName } of table.all) {
    const histogram = stats.histograms[id];
    if (histogram === null) continue;
    const values = settings.latencyPercentiles.map(
      (percentile) => `p${percentile}=${histogram.percentileUs(percentile).toFixed(3)}`,
    );
    fields.push([`latency_percentiles_usec_${fullName}`, values.join(',')]);
  }
  return fields;
}

export function errorStatsSection({ context }: InfoSource): InfoFields {
  return [...context.stats.errors].map(([kind, count]) => [`errorstat_${kind}`, `count=${count}`]);
}

export function clusterSection({ context }: InfoSource): InfoFields {
  return [['cluster_enabled', context.ports.cluster === null ? 0 : 1]];
}

/** Databases without keys are not shown. */
export function keyspaceSection({ context }: InfoSource): InfoFields {
  const fields: [name: string, value: string][] = [];
  context.databases.forEach((database, index) => {
    if (database.size === 0) return;
    const averageTtlMs = database.averageTtlMs(context.nowMs);
    fields.push([
      `db${index}`,
      `keys=${database.size},expires=${database.expiringCount},avg_ttl=${averageTtlMs}`,
    ]);
  });
  return fields;
}

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P'] as const;

function humanBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return unit === 0 ? `${value}B` : `${value.toFixed(2)}${UNITS[unit]}`;
}

function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(2)}%`;
}

function ratio(part: number, whole: number): string {
  return (whole === 0 ? 0 : part / whole).toFixed(2);
}
