// Replication of one node, PSYNC2 as Redis 7.0 speaks it: the history that its data set belongs to, its replicas, and
// the link to the primary that it follows. Bytes in, bytes out; who has the sockets, the keyspace and the files does
// what the effects say.

import {
  assert,
  type EffectSink,
  type Millis,
  type Random,
  type StateMachine,
  unreachable,
} from '@slotmesh/machine';
import type { Arguments } from '@slotmesh/resp';
import { Context } from './context.ts';
import type {
  PrimaryAddress,
  ReplicationEffect,
  ReplicationInput,
  ReplicationOptions,
  SavedHistory,
} from './contract.ts';
import { collectFacts, type ReplicationFacts } from './facts.ts';
import { PrimaryLink } from './primary-link.ts';
import { PrimarySide } from './primary-side.ts';
import { NO_ID } from './replication-id.ts';

/** What the machine is made of. */
export interface ReplicationParts {
  readonly options: ReplicationOptions;
  readonly random: Random;
  readonly nowMs: Millis;
  /** What the snapshot that was loaded at the start says of its history; null without one. */
  readonly saved: SavedHistory | null;
  /** Whether the node starts as a replica, which can go on with the saved history; `follow` has to be the first input. */
  readonly startsAsReplica: boolean;
}

/** A file may say anything. */
function isHistory({ id, offset, streamDb }: SavedHistory): boolean {
  const numbers = Number.isSafeInteger(offset) && offset >= 0 && streamDb >= 0;
  return numbers && /^[0-9a-f]{40}$/.test(id) && id !== NO_ID;
}

/** The replication machine. Time never goes back from one call to the next. */
export class Replication implements StateMachine<ReplicationInput, ReplicationEffect> {
  readonly #context: Context;
  readonly #side: PrimarySide;
  readonly #link: PrimaryLink;
  /** The history of a replica that was restarted: nothing was written since. */
  #isRestored = false;

  constructor({ options, random, nowMs, saved, startsAsReplica }: ReplicationParts) {
    const context = new Context(options, random, nowMs);
    this.#context = context;
    this.#side = new PrimarySide(context, {
      isLinkConnected: () => this.#link.state === 'connected',
      promote: () => this.#promote(),
    });
    this.#link = new PrimaryLink(context, this.#side.table);
    if (saved === null || !isHistory(saved)) return;
    const { history } = context;
    if (startsAsReplica) {
      history.adopt(saved.id, saved.offset, saved.streamDb);
      this.#isRestored = true;
    } else {
      // Its writes go on from the saved ones, under a name of their own: another node may have been promoted meanwhile.
      history.continueFrom(saved);
      history.openLog(options.backlogBytes, false);
    }
  }

  get options(): ReplicationOptions {
    return this.#context.options;
  }

  /** Takes effect at once for the size of the backlog, and at the next step for the rest. */
  set options(options: ReplicationOptions) {
    this.#context.options = options;
    const { log } = this.#context.history;
    if (log === null) return;
    log.sizeBytes = options.backlogBytes;
    log.trim();
  }

  step(nowMs: Millis, input: ReplicationInput, effects: EffectSink<ReplicationEffect>): void {
    this.#context.begin(nowMs, effects);
    this.#take(input);
    this.#forgetRemoved();
    this.#context.end();
  }

  #take(input: ReplicationInput): void {
    const side = this.#side;
    const link = this.#link;
    switch (input.kind) {
      case 'tick':
        link.tick();
        side.tick();
        break;
      case 'follow':
        this.#follow(input.address);
        break;
      case 'followNobody':
        if (!this.#context.isPrimary) this.#promote();
        break;
      case 'pause':
        side.isPaused = input.isPaused;
        break;
      case 'command':
        side.command(input);
        break;
      case 'clientActive':
        side.active(input.client);
        break;
      case 'sent':
        side.sent(input.client, input.bytes);
        break;
      case 'clientClosed':
        side.closed(input.client);
        break;
      case 'snapshotStarted':
        side.snapshots.started(input.snapshot);
        break;
      case 'snapshotLength':
        side.snapshots.lengthKnown(input.snapshot, input.bytes);
        break;
      case 'snapshotChunk':
        side.snapshots.chunk(input.snapshot, input.bytes);
        break;
      case 'snapshotEnd':
        side.snapshots.ended(input.snapshot);
        break;
      case 'snapshotFailed':
        side.snapshots.failed(input.snapshot);
        break;
      case 'wait':
        side.waits.add(input.waiter, input.offset, input.count, input.timeoutMs);
        break;
      case 'waitCancelled':
        side.waits.cancel(input.waiter);
        break;
      case 'linkUp':
        link.up(input.link);
        break;
      case 'linkData':
        link.data(input.link, input.bytes);
        break;
      case 'linkDown':
        link.down(input.link);
        break;
      case 'getack':
        link.askAck();
        break;
      case 'loaded':
        link.loaded(input.load, input.streamDb);
        break;
      case 'loadFailed':
        link.loadFailed(input.load);
        break;
      default:
        unreachable(input);
    }
  }

  /**
   * Once per batch of steps and of appended commands: sends replicas what is new, and answers who waits for acks.
   */
  settle(nowMs: Millis, effects: EffectSink<ReplicationEffect>): void {
    this.#context.begin(nowMs, effects);
    this.#link.settle();
    this.#side.settle();
    this.#forgetRemoved();
    this.#context.end();
  }

  #forgetRemoved(): void {
    if (this.#side.table.hasRemoved) this.#side.snapshots.removed();
  }

  #follow(address: PrimaryAddress): void {
    const { address: followed } = this.#link;
    if (followed !== null && followed.host === address.host && followed.port === address.port) {
      return;
    }
    const { history, isPrimary } = this.#context;
    // A primary without a log has written what no offset tells of.
    const canContinue = isPrimary && (history.log !== null || this.#isRestored);
    this.#isRestored = false;
    if (isPrimary) {
      this.#context.isPrimary = false;
      this.#side.waits.demote();
    }
    this.#link.follow(address, canContinue);
  }

  #promote(): void {
    const { history, nowMs } = this.#context;
    this.#link.followNobody();
    this.#context.isPrimary = true;
    history.promote();
    const { id, secondId, secondOffset } = history;
    this.#context.notice({ kind: 'promoted', id, secondId, secondOffset });
    // Replicas ask again, hear the new id, and go on from where they are.
    this.#side.table.dropAll();
    this.#side.table.emptySinceMs = nowMs;
  }

  // ---- the stream that this node writes: hot paths
  // -------------------------------------------------------------------

  /** Whether what this node writes has to be appended: it is a primary, and has, or lately had, replicas. */
  get isWriting(): boolean {
    return this.#context.isPrimary && this.#context.history.log !== null;
  }

  /**
   * Appends a command that was executed in database `db`. Free where nobody listens. A replica's own writes are its
   * own affair, as in Redis.
   */
  appendCommand(db: number, args: Arguments): void {
    if (!this.isWriting) return;
    const { history } = this.#context;
    history.select(db);
    history.appendCommand(args);
  }

  /** As `appendCommand`, with the bytes of whole commands as RESP arrays; none of them may be a SELECT. */
  append(db: number, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (!this.isWriting) return;
    const { history } = this.#context;
    history.select(db);
    history.log?.append(bytes, start, end);
  }

  // ---- the stream that this node follows
  // -------------------------------------------------------------------

  /**
   * The next `bytes` bytes of what `apply` effects carried have been executed, to the end of a command that is not
   * within a transaction; the stream has selected `db` there. `PrimaryStream` counts them. To be called while the
   * effects are carried out, in their order.
   */
  applied(bytes: number, db: number): void {
    this.#link.applied(bytes, db);
  }

  /** REPLCONF ACK without the way through `command`. */
  ack(nowMs: Millis, client: number, offset: number, effects: EffectSink<ReplicationEffect>): void {
    this.#context.begin(nowMs, effects);
    this.#side.ack(client, offset);
    this.#forgetRemoved();
    this.#context.end();
  }

  // ---- what there is to know
  // -------------------------------------------------------------------------------------

  get isPrimary(): boolean {
    return this.#context.isPrimary;
  }

  /** The offset of the data set (master_repl_offset); what WAIT waits for after a write. */
  get offset(): number {
    return this.#context.history.offset;
  }

  get id(): string {
    return this.#context.history.id;
  }

  /** How many replicas have acknowledged `offset`. */
  countAcked(offset: number): number {
    return this.#side.table.countAcked(offset);
  }

  /** How many replicas are good enough to write for (min-replicas-to-write). */
  countGoodReplicas(nowMs: Millis): number {
    return this.#side.table.countGood(nowMs);
  }

  isReplicaClient(client: number): boolean {
    return this.#side.table.get(client) !== undefined;
  }

  /** Whether the snapshot's next chunk may come; after false, `snapshotResume` tells when. */
  wantsSnapshot(snapshot: number): boolean {
    return this.#side.snapshots.wants(snapshot);
  }

  /**
   * What a snapshot that is taken now says of its history; null if nothing: on a primary that no replica ever followed,
   * and on a replica without data of its primary.
   */
  savedHistory(): SavedHistory | null {
    const { history, isPrimary } = this.#context;
    const isKnown = isPrimary ? history.log !== null : this.#link.canContinue;
    if (!isKnown) return null;
    return { id: history.id, offset: history.offset, streamDb: Math.max(history.db, 0) };
  }

  facts(nowMs: Millis): ReplicationFacts {
    return collectFacts(this.#context, this.#side, this.#link, nowMs);
  }

  // ---- for tests and logs
  // --------------------------------------------------------------------------------------

  /** Stops with an AssertionError where the tables contradict each other. */
  invariants(): void {
    this.#context.history.invariants();
    this.#side.invariants();
    this.#link.invariants();
    assert(
      !this.#isRestored || this.#context.history.log === null,
      'a restored history that was written to',
    );
  }

  /** One stable line about this node's replication. */
  describe(): string {
    const { history, isPrimary } = this.#context;
    const { log } = history;
    const replicas = this.#side.table.attached.map(
      ({ client, state, sentOffset, ackOffset }) => `${client}:${state}@${sentOffset}/${ackOffset}`,
    );
    return [
      isPrimary ? 'primary' : `replica(${this.#link.state})`,
      `id=${history.id.slice(0, 8)}`,
      `second=${history.secondOffset < 0 ? '-' : history.secondId.slice(0, 8)}@${history.secondOffset}`,
      `offset=${history.offset}`,
      `log=${log === null ? '-' : `${log.first}..${log.end}`}`,
      `db=${history.db}`,
      `unapplied=${this.#link.unapplied.length}`,
      `waits=${this.#side.waits.size}`,
      `replicas=[${replicas.join(' ')}]`,
    ].join(' ');
  }
}
