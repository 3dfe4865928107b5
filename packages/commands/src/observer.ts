// Hot path: what is noted of a command that has run: its time, in the counters, the histograms, the slow log and the
// latency events, and its words for MONITOR; bench in bench/execute.bench.ts.

import type { Arguments } from '@slotmesh/resp';
import type { CommandEntry } from './catalog.ts';
import { CommandFlag } from './command-flags.ts';
import { Histogram } from './histogram.ts';
import { LatencyMonitor } from './latency.ts';
import { Monitors } from './monitors.ts';
import { isSecret } from './redaction.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';
import { SlowLog, shortened } from './slow-log.ts';
import type { ServerStats } from './stats.ts';

/**
 * Of commands that are all alike every so many-th call is timed, a power of two: the clock would cost more than the
 * command.
 */
const SAMPLE = 16;

export class CommandObserver {
  readonly slowLog: SlowLog = new SlowLog();
  readonly latency: LatencyMonitor = new LatencyMonitor();
  readonly monitors: Monitors = new Monitors();

  readonly #stats: ServerStats;
  readonly #settings: Settings;
  /** Calls of a command since the last one that was timed. */
  readonly #untimed: Uint8Array;

  constructor(stats: ServerStats, settings: Settings) {
    this.#stats = stats;
    this.#settings = settings;
    this.#untimed = new Uint8Array(stats.calls.length);
  }

  /** Whether the call that is about to begin is to be timed. */
  isTimed(command: CommandEntry): boolean {
    return (
      (command.flags & CommandFlag.sampled) === 0 ||
      (this.#untimed[command.id]++ & (SAMPLE - 1)) === 0 ||
      this.#settings.timesEveryCall
    );
  }

  /** A timed call is over; it has been counted already. */
  took(
    command: CommandEntry,
    session: Session,
    args: Arguments,
    nowMs: number,
    microseconds: number,
  ): void {
    const stats = this.#stats;
    const settings = this.#settings;
    const { id } = command;
    stats.timedCalls[id]++;
    stats.timedUs[id] += microseconds;
    if (settings.tracksLatency) {
      let histogram = stats.histograms[id];
      if (histogram === null) {
        histogram = new Histogram();
        stats.histograms[id] = histogram;
      }
      histogram.record(microseconds, Math.max(1, stats.calls[id] - histogram.total));
    }
    if (microseconds >= settings.slowUs && settings.slowUs >= 0) {
      this.#log(command, session, args, nowMs, microseconds);
    }
    const milliseconds = microseconds / 1000;
    if (settings.latencyThresholdMs > 0 && milliseconds >= settings.latencyThresholdMs) {
      const isFast = (command.flags & CommandFlag.fast) !== 0;
      this.latency.add(isFast ? 'fast-command' : 'command', nowMs, Math.floor(milliseconds));
    }
  }

  #log(
    command: CommandEntry,
    session: Session,
    args: Arguments,
    nowMs: number,
    microseconds: number,
  ): void {
    if ((command.flags & CommandFlag.skipSlowLog) !== 0) return;
    this.slowLog.add(
      {
        unixSeconds: Math.floor(nowMs / 1000),
        microseconds: Math.floor(microseconds),
        args: shortened(args, (i) => isSecret(command.fullName, args, i)),
        address: session.address,
        name: session.name,
      },
      this.#settings.slowLogMax,
    );
  }
}
