// The bounds of what other nodes can make this one keep, and the times that are not configured.

/** Nodes in the table. The protocol has 16384 slots, so no more primaries than that make sense. */
export const KNOWN_NODES_MAX = 16384;

/**
 * Handshakes under way. A tool that builds a cluster lets every node meet the first one at once.
 */
export const HANDSHAKES_MAX = 2048;

/** Ids on the blacklist; above it the oldest goes first. */
export const BLACKLIST_MAX = 4096;

/** A ban that another node passes on ends after this time at the latest. */
export const BLACKLIST_TTL_S_MAX = 86_400;

/**
 * Bans that one message passes on, the latest ones: 7 KiB. The older ones have had their time to
 * come round.
 */
export const BANS_PER_MESSAGE_MAX = 128;

/** Connections opened in one tick. */
export const CONNECTS_PER_TICK_MAX = 128;

/** The pause between two attempts to reach a node doubles from a tick on ... */
export const RECONNECT_PAUSE_MS_MIN = 100;

/** ... up to this. */
export const RECONNECT_PAUSE_MS_MAX = 1000;

/**
 * How often a MEET that an operator ordered is repeated to a node that answers, but does not
 * connect back.
 */
export const MEETS_OWED_MAX = 5;

/**
 * An epoch that is this far above ours is not believed: epochs grow by one at a time, and one
 * forged message must not leave the cluster without epochs to go on with.
 */
export const EPOCH_JUMP_MAX: number = 2 ** 48;

/** A gossiped pong time may lie this far in the future, for clocks differ. */
export const CLOCK_TOLERANCE_MS = 500;

/** A failure report counts for this many node timeouts. */
export const REPORT_VALIDITY_MULTIPLIER = 2;

/**
 * A failed primary that is back and that nobody replaced is accepted again after this many node
 * timeouts.
 */
export const FAIL_UNDO_MULTIPLIER = 2;

/** Places where another process with this node's id may be, at one time. */
export const SUSPECTS_MAX = 4;

/** What was found of such a process counts for this many node timeouts. */
export const TWIN_VALIDITY_MULTIPLIER = 2;

/** What a promise for a time is kept to: two clocks may differ in their rate by a percent, on either side. */
export const CLOCK_RATE_SAFETY = 0.98;

/** Ticks between two pings of a random node: one second. */
export const RANDOM_PING_TICKS = 10;

/** Nodes looked at for the random ping; the one that was silent for longest is pinged. */
export const RANDOM_PING_SAMPLES = 5;

/** A node in handshake must answer within the node timeout, but has at least this long. */
export function handshakeTimeoutMs(nodeTimeoutMs: number): number {
  return Math.max(nodeTimeoutMs, 1000);
}

/**
 * Two ticks this far apart mean that the process did not run in between: paused, swapped out, a
 * long collection.
 */
export function stallLimitMs(nodeTimeoutMs: number): number {
  return Math.max(nodeTimeoutMs / 4, 500);
}
