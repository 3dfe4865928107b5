// One client that is a replica, or has told with REPLCONF that it may become one.

import type { Millis } from '@slotmesh/machine';
import type { SnapshotContent } from './contract.ts';

/**
 * `idle`: has sent REPLCONF, no SYNC yet. `waitStart`: wants a snapshot that is not begun. `waitEnd`: its snapshot is
 * taken, and no byte was sent of it. `sendBulk`: its snapshot is being sent. `online`: it has it, or needed none.
 */
export type ReplicaState = 'idle' | 'waitStart' | 'waitEnd' | 'sendBulk' | 'online';

/** The names that INFO has for them. */
export const STATE_NAMES: Readonly<Record<ReplicaState, 'wait_bgsave' | 'send_bulk' | 'online'>> = {
  idle: 'wait_bgsave',
  waitStart: 'wait_bgsave',
  waitEnd: 'wait_bgsave',
  sendBulk: 'send_bulk',
  online: 'online',
};

export const EVERYTHING: SnapshotContent = { data: true, functions: true };

export class Replica {
  readonly client: number;
  state: ReplicaState = 'idle';
  remoteHost: string;
  /** What it announced; null and 0 where it did not. */
  announcedHost: string | null = null;
  listeningPort = 0;
  /** The id of the cluster node that it is; null where it told none. */
  nodeId: string | null = null;
  /** `capa eof` and `capa psync2`. */
  canEof = false;
  canPsync2 = false;
  /** `rdb-only`: it wants no stream after the snapshot. */
  isSnapshotOnly = false;
  content: SnapshotContent = EVERYTHING;
  /** It came with SYNC: it is told neither id nor offset, and sends no acks. */
  isPrePsync = false;
  /** Since when it waits for a snapshot. */
  waitingSinceMs: Millis = 0;
  /** The stream that it has been sent, or has by its snapshot, ends here. */
  sentOffset = 0;
  /** Where its stream began: what it was sent before that is its snapshot. */
  streamOffset = 0;
  /** Its snapshot had an end mark, which is the last that it is sent before its first ack. */
  startsOnAck = false;
  ackOffset = 0;
  ackMs: Millis = 0;
  /** Bytes of `send` effects that have not left yet, and when some last left, or the first of them was added. */
  inFlightBytes = 0;
  progressMs: Millis = 0;
  /** Since when its output has been over the soft limit; -1 if it is not. */
  softLimitSinceMs: Millis = -1;

  constructor(client: number, remoteHost: string) {
    this.client = client;
    this.remoteHost = remoteHost;
  }

  get host(): string {
    return this.announcedHost ?? this.remoteHost;
  }

  /** Whether the stream is kept for it: from its snapshot on, while it wants one. */
  get needsStream(): boolean {
    if (this.isSnapshotOnly) return false;
    return this.state === 'online' || this.state === 'waitEnd' || this.state === 'sendBulk';
  }

  /** Whether bytes of the stream may be sent now. */
  get isStreaming(): boolean {
    return this.state === 'online' && !this.startsOnAck;
  }
}

/** Whether two replicas can be served by one snapshot. */
export function sameContent(a: SnapshotContent, b: SnapshotContent): boolean {
  return a.data === b.data && a.functions === b.functions;
}
