// The bounds of what peers can make this node keep, and the times and sizes that are not configured.

import type { ReplicationOptions } from './contract.ts';

/** What Redis 7.0 does unless it is told otherwise. The app sets the announced port. */
export const DEFAULT_REPLICATION_OPTIONS: ReplicationOptions = {
  backlogBytes: 1024 * 1024,
  backlogTtlMs: 3_600_000,
  timeoutMs: 60_000,
  pingPeriodMs: 10_000,
  disklessSync: true,
  disklessSyncDelayMs: 5000,
  disklessSyncReplicasMax: 0,
  disklessLoad: false,
  outputHardBytesMax: 256 * 1024 * 1024,
  outputSoftBytesMax: 64 * 1024 * 1024,
  outputSoftMs: 60_000,
  goodReplicaLagMs: 10_000,
  reconnectMs: 1000,
  user: null,
  password: null,
  announcePort: 6379,
  announceHost: null,
  announceNodeId: null,
};

/** Replicas and clients that have sent REPLCONF, together; further ones are refused. */
export const CLIENTS_MAX = 4096;

/** The longest host that a replica may announce, as in Redis. */
export const ANNOUNCED_HOST_BYTES_MAX = 255;

/** WAITs at the same time; further ones are answered at once. */
export const WAITERS_MAX = 65_536;

/** The longest line of a primary's replies; the real server reads 1 KiB at most. */
export const REPLY_LINE_BYTES_MAX = 1024;

/**
 * Bytes under way to one replica. What is beyond that waits in the log, which all replicas share, and not in a socket's
 * buffer, which each has for itself.
 */
export const SEND_WINDOW_BYTES: number = 1024 * 1024;

/** The most bytes of one `send` effect of the stream. */
export const SEND_BYTES_MAX: number = 256 * 1024;

/** Bytes of the stream that may arrive while a snapshot is loaded, although the link should not be read then. */
export const LOADING_BYTES_MAX: number = 64 * 1024 * 1024;

/** Bytes of the stream that were handed out and not applied yet: a command and a transaction have to fit. */
export const UNAPPLIED_BYTES_MAX: number = 1024 * 1024 * 1024;

/** The first block of the log, so that idle nodes cost little, and the size that blocks grow to. */
export const BLOCK_BYTES_MIN = 1024;
export const BLOCK_BYTES_MAX: number = 64 * 1024;

/** Newlines that keep a waiting peer patient, and acks: one a second. */
export const KEEP_ALIVE_MS = 1000;

/** The mark at the end of a streamed snapshot, and a replication id. */
export const ID_LENGTH = 40;
