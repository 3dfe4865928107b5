// What the machine knows, as INFO, ROLE and the failover rules ask for it.

import type { Millis } from '@slotmesh/machine';
import type { Context } from './context.ts';
import type { PrimaryLink } from './primary-link.ts';
import type { PrimarySide } from './primary-side.ts';
import { STATE_NAMES } from './replica.ts';

/** A replica of this node. */
export interface ReplicaFacts {
  readonly client: number;
  /** What it announced, or where it came from. */
  readonly host: string;
  readonly port: number;
  /** As INFO names it: `wait_bgsave`, `send_bulk`, `online`. */
  readonly state: string;
  readonly isOnline: boolean;
  /** What it acknowledged last. */
  readonly offset: number;
  /** Whole seconds since its last ack; 0 unless it is online. */
  readonly lagS: number;
  /** Bytes of the stream that wait for it here, and in its socket. */
  readonly waitingBytes: number;
}

/** The link of a replica to its primary. */
export interface LinkFacts {
  readonly host: string;
  readonly port: number;
  /** As ROLE names it: `connect`, `connecting`, `handshake`, `sync`, `connected`. */
  readonly state: string;
  readonly isUp: boolean;
  /** Whole seconds since the primary was heard; -1 while the link is down. */
  readonly lastIoS: number;
  readonly isSyncing: boolean;
  /** While it is syncing: the snapshot's size, 0 if that is not known; what has come; seconds since the last of it. */
  readonly syncTotalBytes: number;
  readonly syncReadBytes: number;
  readonly syncLastIoS: number;
  /** Whole seconds since there is no stream; -1 while there is one, and before there ever was one. */
  readonly downSinceS: number;
  /** Bytes received, and bytes applied. */
  readonly readOffset: number;
  readonly appliedOffset: number;
  /** Whether the data set is that of the primary that is followed now; a rank by offset means nothing without. */
  readonly isSynced: boolean;
  /** When bytes last came from the primary; for how old the data are, see `dataAgeMs`. */
  readonly lastInteractionMs: Millis;
  /**
   * For how long the data may have missed something: the time since the last sign of the primary, or since the stream
   * broke. Infinite if this primary's data were never here.
   */
  readonly dataAgeMs: number;
}

/** All of it at one moment. */
export interface ReplicationFacts {
  readonly role: 'primary' | 'replica';
  readonly id: string;
  /** Forty zeros and -1 if there is none. */
  readonly secondId: string;
  readonly secondOffset: number;
  readonly offset: number;
  readonly isBacklogActive: boolean;
  readonly backlogBytes: number;
  /** The first offset that a replica may ask for, and how many bytes there are from it; 0 without a backlog. */
  readonly backlogFirstOffset: number;
  readonly backlogHistoryBytes: number;
  readonly replicas: readonly ReplicaFacts[];
  readonly goodReplicas: number;
  /** Null on a primary. */
  readonly link: LinkFacts | null;
  readonly fullSyncs: number;
  readonly partialSyncs: number;
  readonly partialSyncsRefused: number;
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}

export function collectFacts(
  context: Context,
  side: PrimarySide,
  link: PrimaryLink,
  nowMs: Millis,
): ReplicationFacts {
  const { history, options, isPrimary } = context;
  const { log } = history;
  return {
    role: isPrimary ? 'primary' : 'replica',
    id: history.id,
    secondId: history.secondId,
    secondOffset: history.secondOffset,
    offset: history.offset,
    isBacklogActive: log !== null,
    backlogBytes: options.backlogBytes,
    backlogFirstOffset: log?.first ?? 0,
    backlogHistoryBytes: log?.length ?? 0,
    replicas: side.table.attached.map((replica) => ({
      client: replica.client,
      host: replica.host,
      port: replica.listeningPort,
      state: STATE_NAMES[replica.state],
      isOnline: replica.state === 'online',
      offset: replica.ackOffset,
      lagS: replica.state === 'online' ? wholeSeconds(nowMs - replica.ackMs) : 0,
      waitingBytes:
        replica.inFlightBytes + (replica.needsStream ? history.offset - replica.sentOffset : 0),
    })),
    goodReplicas: side.table.countGood(nowMs),
    link: isPrimary ? null : linkFacts(context, link, nowMs),
    fullSyncs: side.fullSyncs,
    partialSyncs: side.partialSyncs,
    partialSyncsRefused: side.partialSyncsRefused,
  };
}

function linkFacts(context: Context, link: PrimaryLink, nowMs: Millis): LinkFacts {
  const { history } = context;
  const { state, address, transfer, downSinceMs, isSynced, lastIoMs } = link;
  const isUp = state === 'connected';
  const idleS = wholeSeconds(nowMs - lastIoMs);
  let dataAgeMs = Number.POSITIVE_INFINITY;
  if (isUp) dataAgeMs = nowMs - lastIoMs;
  else if (isSynced && downSinceMs !== null) dataAgeMs = nowMs - downSinceMs;
  return {
    host: address?.host ?? '',
    port: address?.port ?? 0,
    state: roleState(state),
    isUp,
    lastIoS: isUp ? idleS : -1,
    isSyncing: transfer !== null,
    syncTotalBytes: transfer?.sizeBytes ?? 0,
    syncReadBytes: transfer?.receivedBytes ?? 0,
    syncLastIoS: transfer === null ? -1 : idleS,
    downSinceS: downSinceMs === null ? -1 : wholeSeconds(nowMs - downSinceMs),
    readOffset: history.offset + (isUp ? link.unapplied.length : 0),
    appliedOffset: history.offset,
    isSynced,
    lastInteractionMs: lastIoMs,
    dataAgeMs,
  };
}

function roleState(state: PrimaryLink['state']): string {
  if (state === 'ping' || state === 'handshake' || state === 'psync') return 'handshake';
  return state === 'transfer' || state === 'loading' ? 'sync' : state;
}
