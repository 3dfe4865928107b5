// What commands need of replication: a place where changes go, facts to print, orders to give. The app implements it
// around the machine of the replication package; tests fake it.
//
// The other way round, whoever owns the links calls the processor:
//   processor.executeFromPrimary(session, args);   // one command of the primary's stream, on the session of that link
//   processor.replicationChanged();                // role, link, good replicas or loading are not what they were
//   processor.replicasAcknowledged();              // a replica has acknowledged more of the stream
//   processor.pauseWrites(untilMs); processor.resumeWrites();   // for a manual failover
//
// A connection becomes that of a replica by PSYNC or SYNC: the port sets `session.isReplica`. What goes to it then is
// written by the port: `session.reply.raw(bytes); session.transport.wake()`. Bytes that stand in `reply` already go first.
// How much may wait for it is for the port to say.

import type { Arguments } from '@slotmesh/resp';
import type { Session } from './session.ts';

/** Where changes go: the stream that replicas read. */
export interface ReplicationFeed {
  /**
   * Somebody reads the stream, or may come back for it: this node is a primary and has a backlog. A plain field, for it
   * is looked at with every command; false costs that look and nothing more. May change at any time.
   */
  readonly isActive: boolean;
  /**
   * Appends one command. `database` is that which it is meant for, -1 = any (MULTI, EXEC): SELECT is put before it where
   * the last command was for another. The arguments are read at once: they are gone afterwards. Whatever comes between a
   * MULTI and its EXEC comes in one turn.
   */
  command(database: number, args: Arguments): void;
}

/** A replica as INFO and ROLE list it. */
export interface ReplicaFacts {
  /** As it announced it, else the connection's. */
  readonly address: string;
  readonly port: number;
  readonly state: 'wait_bgsave' | 'send_bulk' | 'online';
  /** What it has acknowledged. */
  readonly offset: number;
  /** Seconds since it acknowledged something; 0 where it cannot. */
  readonly lagS: number;
}

/** The link to the primary, as INFO and ROLE print it. */
export interface PrimaryLinkFacts {
  readonly host: string;
  readonly port: number;
  /** `connect`: is to be opened. `handshake`: words are exchanged. `sync`: data are being received. */
  readonly state: 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected';
  /** Seconds since something came in; -1 = the link is not up. */
  readonly lastIoSecondsAgo: number;
  /** Bytes of the stream that were received, and those of them that were executed. */
  readonly readOffset: number;
  readonly offset: number;
  /** While data are being received. `totalBytes` is 0 where the primary does not say. */
  readonly sync: {
    readonly totalBytes: number;
    readonly readBytes: number;
    readonly lastIoSecondsAgo: number;
  } | null;
  /** Seconds since the link broke, -1 = it never was up; of no meaning while it is. */
  readonly downSinceS: number;
}

export interface ReplicationFacts {
  /** Null at a primary. */
  readonly primaryLink: PrimaryLinkFacts | null;
  readonly replicas: readonly ReplicaFacts[];
  /** 40 hex characters each; the second is that of the history before the last change of role, or zeros. */
  readonly id: string;
  readonly secondId: string;
  /** How far the stream goes. */
  readonly offset: number;
  /** Up to where {@link secondId} is valid, -1 = nowhere. */
  readonly secondOffset: number;
  readonly backlog: {
    readonly isActive: boolean;
    readonly sizeBytes: number;
    readonly firstByteOffset: number;
    readonly lengthBytes: number;
  };
  /** For INFO stats. */
  readonly fullSyncs: number;
  readonly partialSyncs: number;
  readonly refusedPartialSyncs: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

export interface ReplicationPort {
  readonly feed: ReplicationFeed;

  // ---- state; after a change of any of these `processor.replicationChanged()` is called --------------------------

  readonly role: 'primary' | 'replica';
  /** At a replica: the link is up and the data are those of the primary. */
  readonly isLinkUp: boolean;
  /** Online replicas that have acknowledged something within `min-replicas-max-lag`. */
  readonly goodReplicaCount: number;

  // ---- questions -------------------------------------------------------------------------------------------------

  /** How far the stream goes, with all that was fed: what WAIT waits for. */
  readonly offset: number;
  /** Online replicas that have acknowledged the stream up to there. */
  replicasAt(offset: number): number;
  facts(): ReplicationFacts;

  // ---- orders ----------------------------------------------------------------------------------------------------

  /** Has all replicas asked soon how far they are (REPLCONF GETACK): somebody waits for it. */
  requestAcks(): void;
  /** REPLICAOF. The role changes within the call. `already` where that is the primary already. */
  follow(host: string, port: number): 'started' | 'already';
  /** REPLICAOF NO ONE. */
  followNobody(): void;
  /** DEBUG CHANGE-REPL-ID. */
  changeId(): void;

  // ---- connections of replicas -----------------------------------------------------------------------------------

  /**
   * REPLCONF, PSYNC or SYNC of a client, with all that they say. The answer is written by the port, now or later; with
   * PSYNC and SYNC it takes the connection over.
   */
  replicaCommand(session: Session, args: Arguments): void;
  /** The stream of the primary has asked how much of it was executed. */
  acknowledge(): void;
  /** A session is gone that may have sent one of these. */
  replicaLeft(session: Session): void;

  /**
   * A command of the primary's stream has failed: the data may not be the same any more. Null: this server does not have
   * that command, so they are not.
   */
  streamFailed(command: string | null, error: string): void;
}

/** Of a server that replicates nothing. */
export const NO_REPLICATION_FACTS: ReplicationFacts = {
  primaryLink: null,
  replicas: [],
  id: '0'.repeat(40),
  secondId: '0'.repeat(40),
  offset: 0,
  secondOffset: -1,
  backlog: { isActive: false, sizeBytes: 0, firstByteOffset: 0, lengthBytes: 0 },
  fullSyncs: 0,
  partialSyncs: 0,
  refusedPartialSyncs: 0,
  inputBytes: 0,
  outputBytes: 0,
};
