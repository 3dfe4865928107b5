// What a search has done so far, over all its seeds.

import type { SeedOutcome } from '../run-seed.ts';

export class Totals {
  seeds = 0;
  simulatedMs = 0;
  /** Virtual ms of the shortest run. */
  shortestMs: number = Number.POSITIVE_INFINITY;
  events = 0;
  messages = 0;
  acknowledgedWrites = 0;
  /** Of those, the ones that are gone, by cause. */
  readonly lostWrites: Map<string, number> = new Map();
  readonly strikes: Map<string, number> = new Map();
  readonly commands: Map<string, number> = new Map();
  readonly failures: SeedOutcome[] = [];

  add(outcome: SeedOutcome): void {
    this.seeds++;
    this.simulatedMs += outcome.simulatedMs;
    this.shortestMs = Math.min(this.shortestMs, outcome.simulatedMs);
    this.events += outcome.events;
    this.messages += outcome.messages;
    this.acknowledgedWrites += outcome.acknowledgedWrites;
    addAll(this.lostWrites, outcome.lostWrites);
    addAll(this.strikes, outcome.strikes);
    addAll(this.commands, outcome.commands);
    if (outcome.failure !== null) this.failures.push(outcome);
  }

  /** Four lines: how much, what was lost, the faults, the operators. */
  lines(): string[] {
    const hours = (this.simulatedMs / 3_600_000).toFixed(1);
    const events = this.events.toLocaleString('en-US');
    const messages = this.messages.toLocaleString('en-US');
    const writes = this.acknowledgedWrites.toLocaleString('en-US');
    return [
      `${this.seeds} seeds, ${hours} simulated hours, ${events} events, ${messages} messages, ${writes} writes acknowledged`,
      `writes lost, by cause: ${countsText(this.lostWrites)}`,
      `faults: ${countsText(this.strikes)}`,
      `operators: ${countsText(this.commands)}`,
    ];
  }
}

function addAll(totals: Map<string, number>, counts: readonly (readonly [string, number])[]): void {
  for (const [name, count] of counts) totals.set(name, (totals.get(name) ?? 0) + count);
}

/** By name, so that two searches can be compared. */
export function countsText(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return 'none';
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ');
}
