// What goes into the replication machine and what comes out of it. The node's sockets and keyspace carry the effects
// out; the simulator does the same with virtual ones.
//
// Two kinds of connections have numbers. A `client` came to us: the app numbers it, and it becomes a replica by SYNC or
// PSYNC. A `link` is our own connection to the primary that we follow: the `connect` effect numbers it.
//
// Bytes: what an effect carries never changes afterwards, and the machine keeps the bytes of inputs, so they must not
// change either. Two exceptions: the arguments of `command` are read during the step alone, and the bytes of
// `snapshotChunk` are not looked at any more when the effects of its step have been carried out.

import type { Arguments } from '@slotmesh/resp';

/** Where a primary listens. */
export interface PrimaryAddress {
  readonly host: string;
  readonly port: number;
}

/** What a snapshot is to contain: everything but for tools that ask for less (`REPLCONF rdb-filter-only`). */
export interface SnapshotContent {
  readonly data: boolean;
  readonly functions: boolean;
}

/** What a snapshot file says of the history that it belongs to (its `repl-*` fields), so that a restart can go on. */
export interface SavedHistory {
  /** `repl-id`. */
  readonly id: string;
  /** `repl-offset`. */
  readonly offset: number;
  /** `repl-stream-db`: the database that the stream had selected at that offset. */
  readonly streamDb: number;
}

/** Events. */
export type ReplicationInput =
  /** Every 100 ms. */
  | { readonly kind: 'tick' }
  /** Become, or stay, a replica of the primary at this address. */
  | { readonly kind: 'follow'; readonly address: PrimaryAddress }
  /** Become a primary: a promotion. */
  | { readonly kind: 'followNobody' }
  /** Clients are paused for a failover: the stream must stand still, so no PING and no GETACK go into it. */
  | { readonly kind: 'pause'; readonly isPaused: boolean }

  // ---- clients that are, or become, our replicas
  /** REPLCONF, SYNC or PSYNC from a client. `hasPendingOutput`: replies to it are still to be sent. */
  | {
      readonly kind: 'command';
      readonly client: number;
      readonly remoteHost: string;
      readonly args: Arguments;
      readonly hasPendingOutput?: boolean;
    }
  /** Bytes came from a client that is a replica, be it only an empty line: it lives. */
  | { readonly kind: 'clientActive'; readonly client: number }
  /** So many bytes of `send` effects have left for the client: the socket's buffer has room for more. */
  | { readonly kind: 'sent'; readonly client: number; readonly bytes: number }
  /** A client that has sent REPLCONF, SYNC or PSYNC is gone; also after a `close` effect. */
  | { readonly kind: 'clientClosed'; readonly client: number }

  // ---- snapshots for replicas
  /** The snapshot is taken: it has what was appended until now, and nothing that is appended from now on. */
  | { readonly kind: 'snapshotStarted'; readonly snapshot: number }
  /** With `length` framing, before the first chunk: how many bytes there will be. */
  | { readonly kind: 'snapshotLength'; readonly snapshot: number; readonly bytes: number }
  | { readonly kind: 'snapshotChunk'; readonly snapshot: number; readonly bytes: Uint8Array }
  | { readonly kind: 'snapshotEnd'; readonly snapshot: number }
  | { readonly kind: 'snapshotFailed'; readonly snapshot: number }

  // ---- WAIT
  /** A client waits until `count` replicas have acknowledged `offset`; `timeoutMs` 0 is for ever. */
  | {
      readonly kind: 'wait';
      readonly waiter: number;
      readonly offset: number;
      readonly count: number;
      readonly timeoutMs: number;
    }
  /** The waiter is gone. */
  | { readonly kind: 'waitCancelled'; readonly waiter: number }

  // ---- the link to our primary
  | { readonly kind: 'linkUp'; readonly link: number }
  | { readonly kind: 'linkData'; readonly link: number; readonly bytes: Uint8Array }
  /** Could not be opened, was closed by the primary, or broke. */
  | { readonly kind: 'linkDown'; readonly link: number }
  /** The stream had `REPLCONF GETACK *`. */
  | { readonly kind: 'getack' }
  /** The snapshot is the data set now. `streamDb`: its `repl-stream-db`, 0 where it has none. */
  | { readonly kind: 'loaded'; readonly load: number; readonly streamDb: number }
  /** The snapshot could not be loaded; the data set is empty now, or untouched if `loadEnd` was not seen yet. */
  | { readonly kind: 'loadFailed'; readonly load: number };

/** What should be done, in this order. */
export type ReplicationEffect =
  // ---- to clients
  /** A few bytes for a client that are not counted: replies, empty lines. */
  | { readonly kind: 'reply'; readonly client: number; readonly bytes: Uint8Array }
  /** Bytes of a snapshot or of the stream for a replica; answer `sent` when they have left. */
  | { readonly kind: 'send'; readonly client: number; readonly bytes: Uint8Array }
  /**
   * End the connection: after what was sent on it before, but for a replica that does not take it (`outputHardLimit`,
   * `outputSoftLimit`, `ackTimeout`, `sendTimeout`), of which nothing may stay in memory.
   */
  | { readonly kind: 'close'; readonly client: number; readonly why: ReplicaDrop }
  /** Take a snapshot, and say `snapshotStarted` at the moment that it shows. */
  | {
      readonly kind: 'startSnapshot';
      readonly snapshot: number;
      /** `eof`: chunks as they come. `length`: `snapshotLength` first, so it has to be written somewhere before. */
      readonly framing: 'eof' | 'length';
      readonly content: SnapshotContent;
    }
  /** After `wantsSnapshot` was false: it is true again. */
  | { readonly kind: 'snapshotResume'; readonly snapshot: number }
  /** Nobody waits for it any more; nothing about it needs to be said. */
  | { readonly kind: 'cancelSnapshot'; readonly snapshot: number }
  | {
      readonly kind: 'waitDone';
      readonly waiter: number;
      readonly count: number;
      readonly reason: WaitEnd;
    }

  // ---- to our primary
  | { readonly kind: 'connect'; readonly link: number; readonly address: PrimaryAddress }
  | { readonly kind: 'linkSend'; readonly link: number; readonly bytes: Uint8Array }
  | { readonly kind: 'linkClose'; readonly link: number }
  /** Stop reading the link, until `linkResume`. */
  | { readonly kind: 'linkPause'; readonly link: number }
  | { readonly kind: 'linkResume'; readonly link: number }
  /**
   * A snapshot comes. `replaces: 'now'`: empty the data set, the chunks are to be loaded as they come. `'atEnd'`: keep
   * the chunks aside and replace the data set at `loadEnd`.
   */
  | {
      readonly kind: 'loadBegin';
      readonly load: number;
      readonly sizeBytes: number | null;
      readonly replaces: 'now' | 'atEnd';
    }
  | { readonly kind: 'loadChunk'; readonly load: number; readonly bytes: Uint8Array }
  /** All of it is there: answer `loaded` or `loadFailed`. */
  | { readonly kind: 'loadEnd'; readonly load: number }
  /** The rest will not come: forget the chunks; a data set that was replaced in part becomes empty. */
  | { readonly kind: 'loadAbort'; readonly load: number }
  /** A stream begins: forget what is left of the one before, and select this database. */
  | { readonly kind: 'streamBegin'; readonly db: number }
  /** Bytes of the stream, cut anywhere: execute what is complete, and call `applied`. */
  | { readonly kind: 'apply'; readonly bytes: Uint8Array }
  /** The stream has ended: a command or transaction that was cut is forgotten. */
  | { readonly kind: 'streamEnd' }
  | { readonly kind: 'notice'; readonly notice: ReplicationNotice };

/** Why a WAIT is over. `demoted`: this node follows another one now. */
export type WaitEnd = 'acked' | 'timeout' | 'demoted';

/** Why a replica was dropped. */
export type ReplicaDrop =
  | 'outputHardLimit'
  | 'outputSoftLimit'
  | 'ackTimeout'
  | 'sendTimeout'
  | 'snapshotFailed'
  | 'historyChanged'
  | 'snapshotOnly';

/** Why the link to the primary was given up. */
export type LinkDrop =
  | 'closed'
  | 'timeout'
  | 'refused'
  | 'retryLater'
  | 'badProtocol'
  | 'loadFailed'
  | 'overrun'
  | 'newPrimary';

/** Why a partial resynchronization was refused. */
export type PartialRefusal = 'notAsked' | 'unknownId' | 'secondIdEnded' | 'outsideBacklog';

/** Something worth a line in a log; the app words it. */
export type ReplicationNotice =
  | { readonly kind: 'fullSyncAsked'; readonly client: number; readonly why: PartialRefusal }
  | {
      readonly kind: 'partialSyncGranted';
      readonly client: number;
      readonly offset: number;
      readonly bytes: number;
    }
  | { readonly kind: 'replicaOnline'; readonly client: number }
  | { readonly kind: 'replicaDropped'; readonly client: number; readonly why: ReplicaDrop }
  | { readonly kind: 'backlogCreated'; readonly id: string }
  | { readonly kind: 'backlogFreed'; readonly id: string }
  | {
      readonly kind: 'promoted';
      readonly id: string;
      readonly secondId: string;
      readonly secondOffset: number;
    }
  | { readonly kind: 'linkDropped'; readonly why: LinkDrop; readonly reply: string }
  | { readonly kind: 'primaryRefusedOption'; readonly option: string; readonly reply: string }
  | { readonly kind: 'fullSyncStarted'; readonly id: string; readonly offset: number }
  | { readonly kind: 'fullSyncFinished'; readonly id: string; readonly offset: number }
  | { readonly kind: 'partialSyncAccepted'; readonly id: string; readonly offset: number };

/** The configuration; each with the directive that it is. May be replaced while the node runs. */
export interface ReplicationOptions {
  /** repl-backlog-size. */
  readonly backlogBytes: number;
  /** repl-backlog-ttl; 0 keeps the backlog for ever. */
  readonly backlogTtlMs: number;
  /** repl-timeout, on both sides. */
  readonly timeoutMs: number;
  /** repl-ping-replica-period. */
  readonly pingPeriodMs: number;
  /** repl-diskless-sync: snapshots are streamed to replicas that can take them so. */
  readonly disklessSync: boolean;
  /** repl-diskless-sync-delay. */
  readonly disklessSyncDelayMs: number;
  /** repl-diskless-sync-max-replicas: so many waiting replicas are not made to wait longer; 0 is no such number. */
  readonly disklessSyncReplicasMax: number;
  /** repl-diskless-load: load a snapshot while it arrives, which gives up the old data set at its first byte. */
  readonly disklessLoad: boolean;
  /** client-output-buffer-limit replica, hard; 0 is none. Less than the backlog counts as the backlog. */
  readonly outputHardBytesMax: number;
  /** client-output-buffer-limit replica, soft, and for how long it may be exceeded; 0 is none. */
  readonly outputSoftBytesMax: number;
  readonly outputSoftMs: number;
  /** min-replicas-max-lag, for the count of good replicas. */
  readonly goodReplicaLagMs: number;
  /** The pause before the next attempt to reach the primary. */
  readonly reconnectMs: number;
  /** masteruser and masterauth; null where there is none. */
  readonly user: string | null;
  readonly password: string | null;
  /** What the primary is told of us: replica-announce-port or port, and replica-announce-ip or null. */
  readonly announcePort: number;
  readonly announceHost: string | null;
  /**
   * The id of this cluster node, which goes with it when it moves; null where it is none, or is not to be told. Valkey 9
   * tells it as well; an older primary says that it does not know the option, and goes on.
   */
  readonly announceNodeId: string | null;
}
