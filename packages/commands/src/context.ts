// What a handler works with: the command at hand and its surroundings. One object per processor, filled in anew for
// each command, so that a command costs no allocation here.

import type { Database, ExpiredKeys, RemovalCause } from '@slotmesh/keyspace';
import type { Arguments } from '@slotmesh/resp';
import { BlockedClients } from './blocked-clients.ts';
import { latin1Bytes } from './bytes.ts';
import type { CommandCatalog, CommandEntry } from './catalog.ts';
import type { ClientRegistry } from './clients.ts';
import { KeyEventClass, KeyEvents } from './key-events.ts';
import { CommandObserver } from './observer.ts';
import { Pause } from './pause.ts';
import type { Ports } from './ports.ts';
import { Propagation } from './propagation.ts';
import type { PubSub } from './pubsub.ts';
import {
  NO_REPLICATION_FACTS,
  type ReplicationFacts,
  type ReplicationFeed,
  type ReplicationPort,
} from './replication-port.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';
import type { ServerStats } from './stats.ts';
import { Tracking } from './tracking.ts';
import { WatchedKeys } from './watched-keys.ts';

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;
const NO_FEED: ReplicationFeed = { isActive: false, command: () => undefined };

export class CommandContext {
  readonly ports: Ports;
  readonly table: CommandCatalog;
  readonly clients: ClientRegistry;
  readonly pubsub: PubSub;
  readonly stats: ServerStats;
  readonly settings: Settings;
  readonly watchedKeys: WatchedKeys = new WatchedKeys();
  readonly tracking: Tracking;
  readonly keyEvents: KeyEvents;
  readonly observer: CommandObserver;
  readonly pause: Pause = new Pause();
  readonly blocked: BlockedClients = new BlockedClients();
  readonly replication: ReplicationPort | null;
  readonly feed: ReplicationFeed;
  readonly propagation: Propagation;

  /** By their numbers: SWAPDB swaps those. */
  readonly databases: Database[];

  session!: Session;
  command!: CommandEntry;
  database!: Database;
  /** The slot of the command's keys in cluster mode, else 0: where the keyspace keeps them. */
  slot = 0;
  /** Wall clock, Unix milliseconds, one value for the whole command. */
  nowMs = 0;
  /** `maxmemory` is set. */
  limitsMemory = false;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpire = true;
  /** The server replicates, as a replica. */
  isReplica = false;
  /** Data are being loaded. */
  isLoading = false;
  /** Data are to be saved, and cannot be: nothing more is to be lost. */
  isUnsaved = false;
  /** There is something, other than memory, that may forbid a command: a role, loading, too few replicas. */
  isRestricted = false;
  /** The command has changed something that replicas must hear of. */
  dirty = false;
  /** A handler is running: keys that expire meanwhile belong to its command. */
  isRunning = false;
  /** Errors that commands of the primary have met. */
  streamErrors = 0;
  /** EXEC is running the command. */
  inTransaction = false;
  /** The command has answered with an error. */
  failed = false;

  constructor(
    ports: Ports,
    table: CommandCatalog,
    clients: ClientRegistry,
    pubsub: PubSub,
    stats: ServerStats,
    settings: Settings,
  ) {
    this.ports = ports;
    this.databases = [...ports.keyspace.databases];
    this.replication = ports.replication ?? null;
    this.feed = this.replication?.feed ?? NO_FEED;
    this.propagation = new Propagation(this.feed);
    this.pause.onChange = () => this.expiryChanged();
    this.table = table;
    this.clients = clients;
    this.pubsub = pubsub;
    this.stats = stats;
    this.settings = settings;
    this.observer = new CommandObserver(stats, settings);
    this.tracking = new Tracking(clients);
    this.keyEvents = new KeyEvents(pubsub, this.watchedKeys, this.tracking);
  }

  // ---- what a handler says of the keys that it works on ----------------------------------------------------------

  /** The value or expiry of the key of argument `i` has changed; `event` is the name of the notification. */
  changed(args: Arguments, i: number, kind: number, event: string): void {
    this.dirty = true;
    if (!this.keyEvents.isObserved) return;
    const { buffer, starts, ends } = args;
    const { session, keyEvents } = this;
    keyEvents.touched(session.database, buffer, starts[i], ends[i], session);
    keyEvents.publish(session.database, buffer, starts[i], ends[i], kind, event);
  }

  /** A further notification of a change that {@link changed} has been told of. */
  noted(args: Arguments, i: number, kind: number, event: string): void {
    if (!this.keyEvents.isObserved) return;
    const { buffer, starts, ends } = args;
    this.keyEvents.publish(this.session.database, buffer, starts[i], ends[i], kind, event);
  }

  /** The key of argument `i` is about to be written: if it is not there yet, it is a new one. */
  creating(args: Arguments, i: number): void {
    if (!this.keyEvents.isObserved && !this.feed.isActive) return;
    const isTold = (this.keyEvents.classes & KeyEventClass.created) !== 0;
    // One that has expired goes first, and whoever listens is told of that.
    if (!isTold && this.database.expiringCount === 0) return;
    const { buffer, starts, ends } = args;
    if (this.database.find(this.slot, buffer, starts[i], ends[i], this.nowMs) || !isTold) return;
    this.noted(args, i, KeyEventClass.created, 'new');
  }

  /** A command that wanted to read the key of argument `i` has not found it. */
  missed(args: Arguments, i: number): void {
    if ((this.keyEvents.classes & KeyEventClass.missed) !== 0) {
      this.noted(args, i, KeyEventClass.missed, 'keymiss');
    }
  }

  /** A key is about to go without a command that names it: it has expired, or memory is short. */
  removing(
    cause: RemovalCause,
    database: Database,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { keyEvents, feed } = this;
    if (!keyEvents.isObserved && !feed.isActive) return;
    const number = this.databases.indexOf(database);
    if (feed.isActive) {
      const { unlinksExpired, unlinksEvicted } = this.settings;
      const word = (cause === 'expired' ? unlinksExpired : unlinksEvicted) ? 'UNLINK' : 'DEL';
      const isAlone = cause === 'evicted' || !this.isRunning;
      this.propagation.removed(word, number, bytes, start, end, isAlone);
    }
    keyEvents.publish(number, bytes, start, end, KeyEventClass[cause], cause);
    keyEvents.touched(number, bytes, start, end, null);
  }

  // ---- surroundings ----------------------------------------------------------------------------------------------

  /** The directives that commands look at have been read anew. */
  settingsChanged(): void {
    this.keyEvents.classes = this.settings.keyEventClasses;
    this.keyEvents.update();
    this.ports.keyspace.memoryLimit = this.settings.memory;
    this.limitsMemory = this.settings.memory.maxMemoryBytes > 0;
    this.tracking.keysMax = this.settings.trackedKeysMax;
    this.updateRestrictions();
  }

  get replicationFacts(): ReplicationFacts {
    return this.replication?.facts() ?? NO_REPLICATION_FACTS;
  }

  /** The offset that the cluster's messages carry. */
  get busOffset(): number {
    return this.ports.cluster?.replicationOffset ?? 0;
  }

  /** The role as it is printed: that of the cluster's table where nothing is replicated. */
  get seemsReplica(): boolean {
    const { cluster } = this.ports;
    if (this.replication !== null) return this.isReplica;
    return cluster?.topology.isReplica(cluster.topology.self) ?? false;
  }

  /** A role, loading or the settings have changed. */
  updateRestrictions(): void {
    this.isRestricted =
      this.isReplica ||
      this.isLoading ||
      this.isUnsaved ||
      (this.replication !== null && this.settings.replicasToWrite > 0);
  }

  /** Who else may delete expired keys than those who name them: nobody on a replica, nor while clients are paused. */
  get standingExpiry(): ExpiredKeys {
    return this.isReplica || this.pause.mode !== null ? 'hide' : 'delete';
  }

  expiryChanged(): void {
    this.ports.keyspace.expiredKeys = this.standingExpiry;
  }

  /** Runs `look` while expired keys are treated in another way. */
  withExpired<T>(mode: ExpiredKeys, look: () => T): T {
    const { keyspace } = this.ports;
    const before = keyspace.expiredKeys;
    keyspace.expiredKeys = mode;
    const result = look();
    keyspace.expiredKeys = before;
    return result;
  }

  /** A client is gone, or was reset: what was kept for it is dropped. */
  forget(session: Session): void {
    this.pubsub.forget(session);
    this.watchedKeys.forget(session);
    this.tracking.forget(session);
    this.observer.monitors.remove(session);
    this.pause.waiting.delete(session);
    this.blocked.forget(session);
    session.postponed = [];
    session.isWaiting = false;
    session.watchBroken = false;
    session.transaction = null;
    this.keyEvents.update();
  }

  // ---- transactions ----------------------------------------------------------------------------------------------

  /** Runs one queued command, its reply becoming an element of EXEC's. Set by the processor. */
  runInTransaction: (command: CommandEntry, args: Arguments) => void = () => undefined;

  /** Runs what clients have sent that were released outside of a command. Set by the processor. */
  resumeReleased: () => void = () => undefined;

  /** EXEC or DISCARD: nothing is queued or watched any more. */
  endTransaction(): void {
    this.session.transaction = null;
    this.unwatch();
  }

  unwatch(): void {
    const { session } = this;
    session.watchBroken = false;
    if (session.watches.length === 0) return;
    this.watchedKeys.forget(session);
    this.keyEvents.update();
  }

  // ---- errors ----------------------------------------------------------------------------------------------------

  /** Answers with an error: `text` begins with its code, such as `ERR`; characters are bytes (latin1). */
  error(text: string): void {
    this.failed = true;
    this.stats.countError(text);
    if (this.session.isPrimaryLink) {
      this.streamErrors++;
      this.replication?.streamFailed(this.command.fullName, text);
    }
    writeError(this.session, text);
  }

  /** "wrong number of arguments", for what the arity in the table cannot say. */
  arityError(): void {
    this.error(`ERR wrong number of arguments for '${this.command.fullName}' command`);
  }

  /** For a subcommand that does not exist in this form; `word` is the subcommand as the client wrote it. */
  subcommandError(word: string): void {
    const parent = this.command.parent ?? this.command;
    this.error(
      `ERR unknown subcommand or wrong number of arguments for '${word}'. ` +
        `Try ${parent.spec.name.toUpperCase()} HELP.`,
    );
  }
}

/**
 * Input that an error echoes may hold any bytes: they go out as they came, except that line ends become blanks, or
 * a client could smuggle a reply of its own into the stream.
 */
function writeError(session: Session, text: string): void {
  let isAscii = true;
  for (let i = 0; i < text.length && isAscii; i++) isAscii = text.charCodeAt(i) < 0x80;
  if (isAscii) {
    session.reply.error(text);
    return;
  }
  const line = latin1Bytes(`-${text}\r\n`);
  line[0] = DASH;
  for (let i = 1; i < line.length - 2; i++) if (line[i] === CR || line[i] === LF) line[i] = SPACE;
  session.reply.raw(line);
}
