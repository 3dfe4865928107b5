// The times that are not configured, and what they are made of.

/** Redis waits this long for the news of a failure to come round before a replica asks for votes ... */
export const ELECTION_DELAY_MS = 500;

/** ... and up to this much longer, so that replicas do not ask at once. */
export const ELECTION_JITTER_MS = 500;

/** Each replica with more data that stands before this one gets a second's start. */
export const RANK_DELAY_MS = 1000;

/** A primary that asked clients to wait keeps them waiting this many times as long as the handover may take. */
export const PAUSE_MULTIPLIER = 2;

/** A primary has to be without a replica for this long before another shard's moves to it. */
export const MIGRATION_DELAY_MS = 5000;

/** A failure report counts for this many node timeouts. */
export const REPORT_VALIDITY_MULTIPLIER = 2;

/** A voter votes once in this many node timeouts about a primary. */
export const SAME_PRIMARY_MULTIPLIER = 2;

/** How much longer than the node timeout a voter waits after an answer: two clocks may differ by a percent each. */
const LEASE_MARGIN = 1.02;

/** Votes that are older than this are not used. */
export function electionTimeoutMs(nodeTimeoutMs: number): number {
  return Math.max(2 * nodeTimeoutMs, 2000);
}

/** From the start of an election to the start of the next one. */
export function electionRetryMs(nodeTimeoutMs: number): number {
  return 2 * electionTimeoutMs(nodeTimeoutMs);
}

/** After an answer to a primary's PING, a voter does not vote against it for this long. */
export function leaseHoldMs(nodeTimeoutMs: number): number {
  return nodeTimeoutMs * LEASE_MARGIN;
}

/** How old a replica's data may be for an automatic failover, counted from when its primary failed. */
export function dataAgeMaxMs(options: {
  readonly nodeTimeoutMs: number;
  readonly replPingPeriodMs: number;
  readonly replicaValidityFactor: number;
}): number {
  return options.replPingPeriodMs + options.nodeTimeoutMs * options.replicaValidityFactor;
}
