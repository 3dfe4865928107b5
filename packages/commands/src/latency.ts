// LATENCY: events that took longer than a threshold, one sample a second with the longest of that second.

/** Samples kept per event. */
const SAMPLES_MAX = 160;
/** Events that are kept apart; there are few, and their names come from the server itself. */
const EVENTS_MAX = 64;

export interface LatencySample {
  readonly unixSeconds: number;
  milliseconds: number;
}

export interface LatencyEvent {
  readonly samples: LatencySample[];
  /** Longest of all times. */
  maxMs: number;
}

export class LatencyMonitor {
  readonly events: Map<string, LatencyEvent> = new Map();

  add(name: string, nowMs: number, milliseconds: number): void {
    let event = this.events.get(name);
    if (event === undefined) {
      if (this.events.size === EVENTS_MAX) return;
      event = { samples: [], maxMs: 0 };
      this.events.set(name, event);
    }
    event.maxMs = Math.max(event.maxMs, milliseconds);
    const unixSeconds = Math.floor(nowMs / 1000);
    const last = event.samples.at(-1);
    if (last?.unixSeconds === unixSeconds) {
      last.milliseconds = Math.max(last.milliseconds, milliseconds);
      return;
    }
    event.samples.push({ unixSeconds, milliseconds });
    if (event.samples.length > SAMPLES_MAX) event.samples.shift();
  }
}
