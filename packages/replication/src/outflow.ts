// Hot path: per batch and replica. The stream from the log to the replicas, as much as their sockets take, and the
// limits of what may wait for a slow one (client-output-buffer-limit replica).

import type { Context } from './context.ts';
import { SEND_BYTES_MAX, SEND_WINDOW_BYTES } from './limits.ts';
import type { Replica } from './replica.ts';
import type { ReplicaTable } from './replica-table.ts';

/** Sends what is new to everybody who may have it, and drops who is too far behind. */
export function flushStreams(context: Context, table: ReplicaTable): void {
  const { log } = context.history;
  if (log === null || table.attached.length === 0) return;
  for (const replica of table.attached) {
    if (replica.isStreaming) flushStream(context, replica);
    if (replica.needsStream) checkOutput(context, table, replica);
  }
  table.holdLog();
  log.trim();
}

function flushStream(context: Context, replica: Replica): void {
  const { log } = context.history;
  if (log === null) return;
  while (replica.sentOffset < log.end && replica.inFlightBytes < SEND_WINDOW_BYTES) {
    const bytes = log.read(replica.sentOffset + 1, SEND_BYTES_MAX);
    replica.sentOffset += bytes.length;
    sendBytes(context, replica, bytes);
  }
}

/** Sends counted bytes; for its socket, see `sent`. */
export function sendBytes(context: Context, replica: Replica, bytes: Uint8Array): void {
  if (replica.inFlightBytes === 0) replica.progressMs = context.nowMs;
  replica.inFlightBytes += bytes.length;
  context.push({ kind: 'send', client: replica.client, bytes });
}

function checkOutput(context: Context, table: ReplicaTable, replica: Replica): void {
  const { options, nowMs, history } = context;
  const { outputHardBytesMax, outputSoftBytesMax, outputSoftMs, backlogBytes } = options;
  // A snapshot under way is no part of it: one that is larger than the limit could never be sent.
  const waiting = Math.min(
    history.offset - replica.sentOffset + replica.inFlightBytes,
    history.offset - replica.streamOffset,
  );
  // Under the size of the backlog a limit would only make the replica come back for the same bytes.
  if (outputHardBytesMax > 0 && waiting > Math.max(outputHardBytesMax, backlogBytes)) {
    table.drop(replica, 'outputHardLimit');
  } else if (outputSoftBytesMax === 0 || waiting <= outputSoftBytesMax) {
    replica.softLimitSinceMs = -1;
  } else if (replica.softLimitSinceMs < 0) {
    replica.softLimitSinceMs = nowMs;
  } else if (nowMs - replica.softLimitSinceMs > outputSoftMs) {
    table.drop(replica, 'outputSoftLimit');
  }
}
