// INFO's sections on replication and persistence: names, order and number formats of Redis 7.0.

import type { LoadingFacts } from '../persistence-port.ts';
import type { PrimaryLinkFacts } from '../replication-port.ts';
import type { InfoFields, InfoSource } from './info-sections.ts';

type Fields = (readonly [name: string, value: string | number])[];

export function replicationSection({ context }: InfoSource): InfoFields {
  const facts = context.replicationFacts;
  const { settings, replication } = context;
  const { primaryLink, replicas, backlog } = facts;
  const fields: Fields = [['role', context.seemsReplica ? 'slave' : 'master']];
  if (primaryLink !== null) {
    fields.push(...primaryFields(primaryLink));
    fields.push(['slave_priority', settings.replicaPriority]);
    fields.push(['slave_read_only', settings.replicaReadOnly ? 1 : 0]);
    fields.push(['replica_announced', settings.replicaAnnounced ? 1 : 0]);
  }
  fields.push(['connected_slaves', replicas.length]);
  if (settings.replicasToWrite > 0) {
    fields.push(['min_slaves_good_slaves', replication?.goodReplicaCount ?? 0]);
  }
  replicas.forEach(({ address, port, state, offset, lagS }, i) => {
    const where = `ip=${address},port=${port},state=${state}`;
    fields.push([`slave${i}`, `${where},offset=${offset},lag=${lagS}`]);
  });
  fields.push(
    ['master_failover_state', 'no-failover'],
    ['master_replid', facts.id],
    ['master_replid2', facts.secondId],
    ['master_repl_offset', replication === null ? context.busOffset : facts.offset],
    ['second_repl_offset', facts.secondOffset],
    ['repl_backlog_active', backlog.isActive ? 1 : 0],
    ['repl_backlog_size', backlog.sizeBytes],
    ['repl_backlog_first_byte_offset', backlog.firstByteOffset],
    ['repl_backlog_histlen', backlog.lengthBytes],
  );
  return fields;
}

function primaryFields(link: PrimaryLinkFacts): Fields {
  const { sync } = link;
  const isUp = link.state === 'connected';
  const fields: Fields = [
    ['master_host', link.host],
    ['master_port', link.port],
    ['master_link_status', isUp ? 'up' : 'down'],
    ['master_last_io_seconds_ago', link.lastIoSecondsAgo],
    ['master_sync_in_progress', sync === null ? 0 : 1],
    ['slave_read_repl_offset', link.readOffset],
    ['slave_repl_offset', link.offset],
  ];
  if (sync !== null) {
    const { totalBytes, readBytes } = sync;
    const percent = totalBytes === 0 ? 0 : (readBytes / totalBytes) * 100;
    fields.push(
      ['master_sync_total_bytes', totalBytes],
      ['master_sync_read_bytes', readBytes],
      ['master_sync_left_bytes', totalBytes - readBytes],
      ['master_sync_perc', percent.toFixed(2)],
      ['master_sync_last_io_seconds_ago', sync.lastIoSecondsAgo],
    );
  }
  if (!isUp) fields.push(['master_link_down_since_seconds', link.downSinceS]);
  return fields;
}

/** Without a port this server keeps nothing on the disk but its cluster table. */
export function persistenceSection({ context, facts }: InfoSource): InfoFields {
  const { persistence, keyspace } = context.ports;
  const saved = persistence?.facts() ?? {
    loading: null,
    changesSinceSave: keyspace.changeCount,
    isSaving: false,
    lastSaveAtS: Math.floor(facts.startedAtMs / 1000),
    lastSaveOk: true,
    lastSaveTookS: -1,
    currentSaveS: -1,
    saves: 0,
  };
  return [
    ['loading', saved.loading === null ? 0 : 1],
    ['async_loading', 0],
    ['rdb_changes_since_last_save', saved.changesSinceSave],
    ['rdb_bgsave_in_progress', saved.isSaving ? 1 : 0],
    ['rdb_last_save_time', saved.lastSaveAtS],
    ['rdb_last_bgsave_status', saved.lastSaveOk ? 'ok' : 'err'],
    ['rdb_last_bgsave_time_sec', saved.lastSaveTookS],
    ['rdb_current_bgsave_time_sec', saved.currentSaveS],
    ['rdb_saves', saved.saves],
    ['rdb_last_cow_size', 0],
    ['aof_enabled', 0],
    ['aof_rewrite_in_progress', 0],
    ['aof_rewrite_scheduled', 0],
    ['aof_last_rewrite_time_sec', -1],
    ['aof_current_rewrite_time_sec', -1],
    ['aof_last_bgrewrite_status', 'ok'],
    ['aof_last_write_status', 'ok'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...(saved.loading === null ? [] : loadingFields(saved.loading, context.nowMs)),
  ];
}

function loadingFields(
  { startedAtS, totalBytes, loadedBytes }: LoadingFacts,
  nowMs: number,
): Fields {
  const elapsedS = Math.max(0, Math.floor(nowMs / 1000) - startedAtS);
  const percent = totalBytes === 0 ? 0 : (loadedBytes / totalBytes) * 100;
  const leftBytes = Math.max(0, totalBytes - loadedBytes);
  const etaS = loadedBytes === 0 ? 1 : Math.floor((elapsedS * leftBytes) / loadedBytes);
  return [
    ['loading_start_time', startedAtS],
    ['loading_total_bytes', totalBytes],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', percent.toFixed(2)],
    ['loading_eta_seconds', etaS],
  ];
}
