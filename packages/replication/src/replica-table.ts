// The clients that are replicas or may become one, what they have acknowledged, and which of them are good enough to
// write for (min-replicas-to-write). Dropping one is decided elsewhere and done here.

import { assert, type Millis } from '@slotmesh/machine';
import type { Context } from './context.ts';
import type { ReplicaDrop } from './contract.ts';
import { CLIENTS_MAX } from './limits.ts';
import { Replica } from './replica.ts';

export class ReplicaTable {
  readonly #context: Context;
  readonly #byClient = new Map<number, Replica>();
  /** In the order of their SYNC: those that are replicas. A new array when it changes, so that it may be walked. */
  #attached: readonly Replica[] = [];
  /** Since when there is no replica. */
  emptySinceMs: Millis;
  /** An ack came that was higher than the one before. */
  hasNewAcks = false;
  /** A replica has gone: whoever knows of it has to forget it. */
  hasRemoved = false;

  constructor(context: Context) {
    this.#context = context;
    this.emptySinceMs = context.nowMs;
  }

  get attached(): readonly Replica[] {
    return this.#attached;
  }

  /** The client's row, made if there is none; undefined if there are too many. */
  open(client: number, remoteHost: string): Replica | undefined {
    const known = this.#byClient.get(client);
    if (known !== undefined) return known;
    if (this.#byClient.size >= CLIENTS_MAX) return undefined;
    const replica = new Replica(client, remoteHost);
    this.#byClient.set(client, replica);
    return replica;
  }

  /** The client if it is a replica. */
  get(client: number): Replica | undefined {
    const replica = this.#byClient.get(client);
    return replica === undefined || replica.state === 'idle' ? undefined : replica;
  }

  attach(replica: Replica): void {
    assert(!this.#attached.includes(replica), `client ${replica.client} is a replica already`);
    this.#attached = [...this.#attached, replica];
    replica.progressMs = this.#context.nowMs;
  }

  /** The client is gone. */
  remove(client: number): void {
    const replica = this.#byClient.get(client);
    if (replica === undefined) return;
    this.#byClient.delete(client);
    if (replica.state === 'idle') return;
    replica.state = 'idle';
    this.hasRemoved = true;
    this.#attached = this.#attached.filter((one) => one !== replica);
    if (this.#attached.length === 0) this.emptySinceMs = this.#context.nowMs;
    this.holdLog();
  }

  drop(replica: Replica, why: ReplicaDrop): void {
    const { client } = replica;
    this.remove(client);
    this.#context.notice({ kind: 'replicaDropped', client, why });
    this.#context.push({ kind: 'close', client, why });
  }

  /** The history changed: replicas learn of it by asking again, and most of them can go on from where they are. */
  dropAll(): void {
    for (const replica of this.#attached) this.drop(replica, 'historyChanged');
  }

  ack(client: number, offset: number): Replica | undefined {
    const replica = this.get(client);
    if (replica === undefined) return undefined;
    if (offset > replica.ackOffset) {
      replica.ackOffset = offset;
      this.hasNewAcks = true;
    }
    replica.ackMs = this.#context.nowMs;
    return replica;
  }

  /**
   * How many replicas have acknowledged the stream up to `offset`. One that has come back counts once, though its former
   * connection may be dead on its side alone: who announces the same node id is the same replica, and so is who announces
   * the same place. (The real server counts connections.)
   */
  countAcked(offset: number): number {
    let count = 0;
    const attached = this.#attached;
    for (let i = 0; i < attached.length; i++) {
      const replica = attached[i];
      if (!hasAcked(replica, offset)) continue;
      let isKnown = false;
      for (let j = 0; j < i && !isKnown; j++) {
        const other = attached[j];
        isKnown = hasAcked(other, offset) && isSame(other, replica);
      }
      if (!isKnown) count++;
    }
    return count;
  }

  /** How many replicas are online and were heard within the time that `min-replicas-max-lag` allows. */
  countGood(nowMs: Millis): number {
    const { goodReplicaLagMs } = this.#context.options;
    let count = 0;
    for (const replica of this.#attached) {
      // Whole seconds, as the real server counts.
      const lagMs = Math.floor((nowMs - replica.ackMs) / 1000) * 1000;
      if (replica.state === 'online' && lagMs <= goodReplicaLagMs) count++;
    }
    return count;
  }

  /** Tells the log what is still to be sent. */
  holdLog(): void {
    const { log } = this.#context.history;
    if (log === null) return;
    let heldFrom = Number.POSITIVE_INFINITY;
    for (const replica of this.#attached) {
      if (replica.needsStream) heldFrom = Math.min(heldFrom, replica.sentOffset + 1);
    }
    log.heldFrom = heldFrom;
  }

  invariants(): void {
    const { offset, log } = this.#context.history;
    assert(log !== null || this.#attached.length === 0, 'replicas, and no stream for them');
    for (const replica of this.#attached) {
      const name = `replica ${replica.client}`;
      assert(replica.state !== 'idle', `${name}: attached and idle`);
      assert(this.#byClient.get(replica.client) === replica, `${name}: attached and unknown`);
      assert(replica.sentOffset <= offset, `${name}: was sent more than there is`);
      assert(replica.inFlightBytes >= 0, `${name}: more bytes left than were sent`);
      if (log !== null && replica.needsStream) {
        assert(replica.sentOffset + 1 >= log.heldFrom, `${name}: its stream may be dropped`);
      }
    }
  }
}

function hasAcked({ state, ackOffset }: Replica, offset: number): boolean {
  return state === 'online' && ackOffset >= offset;
}

/** A node may come back elsewhere. Without a port no place was announced, and nothing can be said of it. */
function isSame(a: Replica, b: Replica): boolean {
  if (a.nodeId !== null && a.nodeId === b.nodeId) return true;
  return a.listeningPort !== 0 && a.listeningPort === b.listeningPort && a.host === b.host;
}
