// The directives that commands look at while they run, as numbers: read anew after each CONFIG SET.

import { DEFAULT_MEMORY_LIMIT, type EvictionPolicy, type MemoryLimit } from '@slotmesh/keyspace';
import { keyEventClasses } from './key-events.ts';

/** A command without a loop takes so long only where the whole process stands still. */
const SLOW_ENOUGH_US = 10_000;

export class Settings {
  /** `databases`: also what numbers there would be outside cluster mode. */
  databases = 16;
  /** `proto-max-bulk-len`: no string may become longer. */
  stringBytesMax: number = 512 * 1024 * 1024;
  /** `notify-keyspace-events` as bits. */
  keyEventClasses = 0;
  /** `slowlog-log-slower-than`, microseconds; negative = nothing is logged. */
  slowUs = 10_000;
  /** `slowlog-max-len`. */
  slowLogMax = 128;
  /** `latency-monitor-threshold`, milliseconds; 0 = off. */
  latencyThresholdMs = 0;
  /** `latency-tracking`: times of commands are counted by size. */
  tracksLatency = true;
  /** `latency-tracking-info-percentiles`. */
  latencyPercentiles: readonly number[] = [50, 99, 99.9];
  /** `tracking-table-max-keys`, 0 = no limit. */
  trackedKeysMax = 1_000_000;
  /** `rdbcompression`: payloads of DUMP and files are compressed. */
  compressesDumps = true;
  /** `maxmemory` and what belongs to it. */
  memory: MemoryLimit = DEFAULT_MEMORY_LIMIT;

  /** `min-replicas-to-write`, 0 where `min-replicas-max-lag` is 0: how many good replicas a write needs. */
  replicasToWrite = 0;
  /** `replica-read-only`. */
  replicaReadOnly = true;
  /** `replica-serve-stale-data`. */
  servesStaleData = true;
  /** `replica-ignore-maxmemory`: a replica evicts what its primary evicts, and nothing else. */
  replicaIgnoresLimit = true;
  /** `replica-priority` and `replica-announced`, for INFO. */
  replicaPriority = 100;
  replicaAnnounced = true;
  /** `stop-writes-on-bgsave-error`. */
  stopsWritesUnsaved = true;
  /** `lazyfree-lazy-expire` and `lazyfree-lazy-eviction`: by which word replicas hear of a key that goes by itself. */
  unlinksExpired = false;
  unlinksEvicted = false;

  /** Fast commands are timed one by one too: somebody wants to see times that sampling would miss. */
  get timesEveryCall(): boolean {
    return (this.slowUs >= 0 && this.slowUs < SLOW_ENOUGH_US) || this.latencyThresholdMs > 0;
  }

  /** Directives that are not there keep the values above. */
  read(entries: Iterable<readonly [name: string, value: string]>): void {
    const values = new Map(entries);
    const number = (name: string, standard: number): number => {
      const value = values.get(name);
      return value === undefined || value === '' ? standard : Number(value);
    };
    this.databases = number('databases', this.databases);
    this.stringBytesMax = number('proto-max-bulk-len', this.stringBytesMax);
    this.keyEventClasses = keyEventClasses(values.get('notify-keyspace-events') ?? '');
    this.slowUs = number('slowlog-log-slower-than', this.slowUs);
    this.slowLogMax = number('slowlog-max-len', this.slowLogMax);
    this.latencyThresholdMs = number('latency-monitor-threshold', this.latencyThresholdMs);
    this.tracksLatency = (values.get('latency-tracking') ?? 'yes') === 'yes';
    this.trackedKeysMax = number('tracking-table-max-keys', this.trackedKeysMax);
    this.compressesDumps = (values.get('rdbcompression') ?? 'yes') === 'yes';
    const { memory } = this;
    this.memory = {
      maxMemoryBytes: number('maxmemory', memory.maxMemoryBytes),
      policy: (values.get('maxmemory-policy') ?? memory.policy) as EvictionPolicy,
      samples: number('maxmemory-samples', memory.samples),
      lfuLogFactor: number('lfu-log-factor', memory.lfuLogFactor),
      lfuDecayMinutes: number('lfu-decay-time', memory.lfuDecayMinutes),
    };
    const isOn = (name: string, standard: boolean): boolean =>
      (values.get(name) ?? (standard ? 'yes' : 'no')) === 'yes';
    this.replicasToWrite =
      number('min-replicas-max-lag', 10) > 0 ? number('min-replicas-to-write', 0) : 0;
    this.replicaReadOnly = isOn('replica-read-only', true);
    this.servesStaleData = isOn('replica-serve-stale-data', true);
    this.replicaIgnoresLimit = isOn('replica-ignore-maxmemory', true);
    this.replicaPriority = number('replica-priority', 100);
    this.replicaAnnounced = isOn('replica-announced', true);
    this.stopsWritesUnsaved = isOn('stop-writes-on-bgsave-error', true);
    this.unlinksExpired = isOn('lazyfree-lazy-expire', false);
    this.unlinksEvicted = isOn('lazyfree-lazy-eviction', false);
    const percentiles = values.get('latency-tracking-info-percentiles');
    if (percentiles !== undefined) {
      this.latencyPercentiles = percentiles.split(' ').filter(Boolean).map(Number);
    }
  }
}
