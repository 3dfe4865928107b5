// Hot path: one command from its arguments to its reply; bench in bench/execute.bench.ts.
//
// The checks stand in the order of the real server's, because the first that fails words the reply: does the command
// exist, is the number of arguments right, is it allowed at all, has the client logged in, is it served here, may a
// subscriber send it.

import { keySlotOfRange, type SlotSet } from '@slotmesh/crc16-slots';
import { ArenaFullError, type Database } from '@slotmesh/keyspace';
import type { Arguments, CommandDecoder } from '@slotmesh/resp';
import { CommandBatch, type PendingCommand } from './batch.ts';
import type { CommandEntry } from './catalog.ts';
import { ClientRegistry } from './clients.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { Command, CommandTable } from './command.ts';
import { CommandFlag } from './command-flags.ts';
import { CommandContext } from './context.ts';
import { DATABASE_FULL, EXEC_ABORT, NO_AUTH, OUT_OF_MEMORY } from './errors.ts';
import { deleteSlot } from './handlers/cluster-keys.ts';
import { debugRefusal } from './handlers/debug.ts';
import { answerWaits } from './handlers/wait.ts';
import type { Ports } from './ports.ts';
import { PrimaryStream, slotOf } from './primary-stream.ts';
import { PubSub } from './pubsub.ts';
import { expireAs, stateRefusal, writeRefusal } from './restrictions.ts';
import { Resumption } from './resumption.ts';
import { CommandRoute, lastKeyOf, redirectionText } from './routing.ts';
import type { Session } from './session.ts';
import { Settings } from './settings.ts';
import { ServerStats } from './stats.ts';
import { COMMAND_TABLE } from './table/index.ts';
import { KeptArguments, type Transaction } from './transaction.ts';
import { unknownCommandText } from './unknown-command.ts';

/** What a client in MONITOR mode may not send. */
const KEYSPACE_FLAGS = CommandFlag.write | CommandFlag.readonly | CommandFlag.mayReplicate;
/** Errors that send a client elsewhere, or say that nobody serves the keys. */
const REDIRECTION = /^(MOVED|ASK|TRYAGAIN|CROSSSLOT|CLUSTERDOWN) /;

/** Executes the commands of all sessions of a server. */
export class CommandProcessor {
  readonly clients: ClientRegistry = new ClientRegistry();
  readonly pubsub: PubSub = new PubSub();
  readonly stats: ServerStats;
  /** What {@link readBatch} has read. */
  readonly batch: CommandBatch = new CommandBatch();

  readonly #ports: Ports;
  readonly #table: CommandTable = COMMAND_TABLE;
  readonly #settings = new Settings();
  readonly #context: CommandContext;
  readonly #route = new CommandRoute();
  readonly #primaryStream: PrimaryStream;
  readonly #resumption: Resumption;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.stats = new ServerStats(this.#table.all.length);
    this.#context = new CommandContext(
      ports,
      this.#table,
      this.clients,
      this.pubsub,
      this.stats,
      this.#settings,
    );
    this.#context.runInTransaction = (command, args) => this.#runQueued(command, args);
    this.#primaryStream = new PrimaryStream(this.#context, this.#table, (command, args) =>
      this.#run(command, this.#context, args),
    );
    this.#resumption = new Resumption(this.#context, (session, args) =>
      this.execute(session, args),
    );
    this.#context.resumeReleased = () => this.#resumption.released();
    this.readSettings();
    this.replicationChanged();
    const { keyspace } = ports;
    keyspace.onRemoval = (cause, database, _slot, bytes, start, end) =>
      this.#context.removing(cause, keyspace.databases[database], bytes, start, end);
  }

  /** The configuration has changed, other than by CONFIG SET. */
  readSettings(): void {
    this.#settings.read(this.#ports.config.entries());
    this.#context.settingsChanged();
  }

  /** A client has connected. */
  connect(session: Session): void {
    this.clients.add(session);
  }

  /** A client is gone, and with it all that was kept for it. */
  disconnect(session: Session): void {
    session.closed = true;
    this.#context.replication?.replicaLeft(session);
    this.clients.remove(session);
    this.#context.forget(session);
  }

  /** A message that was published on another node, for the subscribers here. */
  deliver(sharded: boolean, channel: Uint8Array, message: Uint8Array): void {
    this.pubsub.publish(sharded, channel, message);
  }

  /** Slots that this node serves no more: sharded subscriptions in them end. */
  dropShardSubscriptions(slots: SlotSet): void {
    this.pubsub.dropSlots(slots);
  }

  /**
   * Executes one command; its reply is in `session.reply` then. Nothing happens once the session is to be closed.
   * Throws only for a bug of ours.
   */
  execute(session: Session, args: Arguments): void {
    this.#execute(session, args, this.#table.resolve(args), -1);
    if (this.#context.blocked.hasReleased) this.#resumption.released();
  }

  /**
   * Reads the next commands of a session into {@link batch}; false where there is none. They are to be executed one after
   * the other by {@link executePending}, before anything else happens with the decoder. `onlyOne` where the limits of the
   * next command may depend on what becomes of this one.
   * @throws ProtocolError
   */
  readBatch(session: Session, decoder: CommandDecoder, onlyOne: boolean): boolean {
    if (!this.batch.read(decoder, onlyOne)) return false;
    this.#lookAhead(session);
    return true;
  }

  /** As {@link execute}, for a command of the batch. */
  executePending(session: Session, pending: PendingCommand): void {
    this.#execute(session, pending, pending.command, pending.slot);
    if (this.#context.blocked.hasReleased) this.#resumption.released();
  }

  /** Finds out what can be told from the bytes of the commands alone, and fetches the memory of their keys. */
  #lookAhead(session: Session): void {
    const { commands, size } = this.batch;
    const isCluster = this.#ports.cluster !== null;
    const database = this.#context.databases[session.database];
    const fetches = database.isWorthFetching;
    for (let i = 0; i < size; i++) {
      const pending = commands[i];
      const command = this.#table.resolve(pending);
      pending.command = command;
      pending.slot = -1;
      if (command === null || command.keys === null || command.keys.first >= pending.count)
        continue;
      const { onlyKey, keys } = command;
      const { buffer, starts, ends } = pending;
      const slot = isCluster ? keySlotOfRange(buffer, starts[keys.first], ends[keys.first]) : 0;
      if (onlyKey > 0) pending.slot = slot;
      if (!fetches || (size === 1 && onlyKey > 0)) continue;
      const last = lastKeyOf(keys, pending.count);
      for (let key = keys.first; key <= last; key += keys.step) {
        database.expect(slot, buffer, starts[key], ends[key]);
      }
    }
    if (fetches) database.fetchExpected();
  }

  /** `keySlot` is that of the command's only key, -1 = not known. */
  #execute(session: Session, args: Arguments, command: Command | null, keySlot: number): void {
    if (session.closed || session.closeAfterReply) return;
    if (session.isWaiting) {
      session.postponed.push(new KeptArguments(args));
      return;
    }
    const { reply } = session;
    const before = reply.length;
    const context = this.#context;
    context.session = session;
    context.failed = false;
    session.pushedLength = 0;
    context.nowMs = this.#ports.clock.wallMs();
    session.lastCommandAtMs = context.nowMs;
    if (context.tracking.isActive) context.tracking.current = session;
    const { asking, tracking } = session;
    const caching = tracking === null ? null : tracking.caching;

    session.lastCommand = command === null ? 'NULL' : command.fullName;
    if (command !== null) context.command = command;
    const refusal = this.#refusal(context, command, args, keySlot);
    if (refusal !== null || command === null) {
      this.#reject(context, command, refusal ?? '');
    } else if (context.pause.mode !== null && this.#isPaused(context, command)) {
      this.#postpone(session, args);
      return;
    } else if (session.transaction !== null && (command.flags & CommandFlag.inTransaction) === 0) {
      queue(session, session.transaction, command, args);
    } else {
      this.#run(command, context, args);
    }

    // ASKING and CLIENT CACHING hold for the command or transaction that follows, whatever becomes of that.
    if (asking && session.transaction === null) session.asking = false;
    if (context.tracking.isActive) afterTracked(context, session, caching);
    if (session.replyMode !== 'on') applyReplyMode(session, before);
  }

  // ---- replication -----------------------------------------------------------------------------------------------

  /**
   * One command of the primary's stream, on the session of the link to it. It runs whatever the state of this node is,
   * sees keys whose time is over as the primary saw them, and answers nothing; what is wrong with it goes to
   * `ReplicationPort.streamFailed`.
   */
  executeFromPrimary(session: Session, args: Arguments): void {
    this.#primaryStream.execute(session, args);
    if (this.#context.blocked.hasReleased) this.#resumption.released();
  }

  /**
   * To be called when the role of this node, the link to its primary, the number of good replicas, whether data are
   * being loaded or whether they can be saved has changed. A primary that has become a replica ends the waits of its clients.
   */
  replicationChanged(): void {
    const context = this.#context;
    const { replication, persistence } = this.#ports;
    const isReplica = replication?.role === 'replica';
    context.isLoading = persistence?.isLoading ?? false;
    context.isUnsaved = persistence?.isFailing ?? false;
    if (isReplica !== context.isReplica) {
      context.isReplica = isReplica;
      context.propagation.reset();
      context.expiryChanged();
      if (isReplica) this.#resumption.endWaits();
    }
    context.updateRestrictions();
    this.#resumption.released();
  }

  /** A replica has acknowledged more of the stream: clients that wait for that are answered. */
  replicasAcknowledged(): void {
    answerWaits(this.#context);
    this.#resumption.released();
  }

  /** Holds back commands that write, until then or {@link resumeWrites}. Does not touch what CLIENT PAUSE has begun. */
  pauseWrites(untilMs: number): void {
    this.#context.pause.begin('write', untilMs, 'failover');
  }

  resumeWrites(): void {
    this.#context.pause.end('failover');
    this.#resumption.paused();
  }

  /** By their numbers: SWAPDB swaps those. */
  get databases(): readonly Database[] {
    return this.#context.databases;
  }

  /** Deletes all keys, because a primary's data are to take their place. This node's replicas are not told. */
  emptyData(): void {
    for (const database of this.#ports.keyspace.databases) database.clear();
    this.#context.keyEvents.flushed(-1, null);
  }

  /** Deletes all keys of a slot that this node serves no more; its replicas hear of each. */
  deleteSlot(slot: number): number {
    return deleteSlot(this.#context, slot, this.#ports.clock.wallMs());
  }

  // ---- clients that wait -----------------------------------------------------------------------------------------

  /**
   * To be called from a timer: commands that waited for the end of a pause are executed when it is over, and clients that
   * have waited long enough for something are told so.
   */
  tick(): void {
    const { pause, blocked } = this.#context;
    const nowMs = this.#ports.clock.wallMs();
    pause.check(nowMs);
    this.#resumption.paused();
    blocked.expire(nowMs);
    this.#resumption.released();
  }

  /**
   * Whether the app's expire cycle is to run: not on a replica, nor while clients are paused, nor when DEBUG
   * SET-ACTIVE-EXPIRE 0 has stopped it. Whoever asks for a key that has expired finds nothing all the same.
   */
  get expiresKeys(): boolean {
    return this.#context.activeExpire && this.#context.standingExpiry === 'delete';
  }

  #isPaused(context: CommandContext, command: Command): boolean {
    const { pause, session, nowMs } = context;
    if (session.isReplica) return false;
    pause.check(nowMs);
    if (pause.mode !== 'write') return pause.mode === 'all';
    const isExec = (command.flags & CommandFlag.exec) !== 0;
    const flags = isExec ? (session.transaction?.flags ?? 0) : command.flags;
    const isQueued = session.transaction !== null && !isExec;
    return !isQueued && (flags & (CommandFlag.write | CommandFlag.mayReplicate)) !== 0;
  }

  #postpone(session: Session, args: Arguments): void {
    session.postponed.push(new KeptArguments(args));
    session.isWaiting = true;
    this.#context.pause.waiting.add(session);
    session.transport.setReading(false);
  }

  #reject(context: CommandContext, command: Command | null, refusal: string): void {
    const { transaction } = context.session;
    if (command !== null) this.stats.rejected[command.id]++;
    if (command === null || (command.flags & CommandFlag.exec) === 0) {
      if (transaction !== null) transaction.isBroken = true;
      context.error(refusal);
      return;
    }
    // An EXEC that is sent elsewhere is answered as any command; all else aborts it in words of its own.
    context.endTransaction();
    context.error(
      REDIRECTION.test(refusal) ? refusal : `${EXEC_ABORT}: ${refusal.replace(/^ERR /, '')}`,
    );
  }

  /** Why the command is not run, as the error to answer; null if it is. */
  #refusal(
    context: CommandContext,
    command: Command | null,
    args: Arguments,
    keySlot: number,
  ): string | null {
    if (command === null) return unknownCommandText(this.#table, args);
    if (command.run === null || !command.accepts(args.count)) {
      return `ERR wrong number of arguments for '${command.fullName}' command`;
    }
    const { session } = context;
    if ((command.flags & CommandFlag.debug) !== 0) {
      const refusal = debugRefusal(this.#ports.debug, session);
      if (refusal !== null) return refusal;
    }
    if (
      !session.authenticated &&
      (command.flags & CommandFlag.noAuth) === 0 &&
      this.#ports.auth.required
    ) {
      return NO_AUTH;
    }
    context.database = context.databases[session.database];
    context.slot = 0;
    const { cluster } = this.#ports;
    if (cluster !== null) {
      const redirection = this.#redirection(context, cluster, command, args, keySlot);
      if (redirection !== null) return redirection;
    }
    if (session.transaction !== null || context.limitsMemory || context.isRestricted) {
      const refusal = this.#rareRefusal(context, command);
      if (refusal !== null) return refusal;
    }
    if (
      (command.flags & CommandFlag.inSubscribedContext) === 0 &&
      session.reply.protocol === 2 &&
      session.subscriptionCount > 0
    ) {
      return (
        `ERR Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / ` +
        '(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context'
      );
    }
    if (context.isRestricted) {
      const refusal = stateRefusal(context, command);
      if (refusal !== null) return refusal;
    }
    if ((session.isMonitor || session.isReplica) && (command.flags & KEYSPACE_FLAGS) !== 0) {
      return "ERR Replica can't interact with the keyspace";
    }
    return null;
  }

  /** Of clients in a transaction, and where `maxmemory` is set or the server's state forbids something. */
  #rareRefusal(context: CommandContext, command: Command): string | null {
    const { session } = context;
    if (session.transaction !== null && (command.flags & CommandFlag.noMulti) !== 0) {
      return 'ERR Command not allowed inside a transaction';
    }
    if (context.limitsMemory && this.#isOutOfMemory(context, command)) return OUT_OF_MEMORY;
    return context.isRestricted ? writeRefusal(context, command) : null;
  }

  /** Makes room as the policy says; queueing commands takes memory as well, and is refused where there is none. */
  #isOutOfMemory(context: CommandContext, command: Command): boolean {
    const { session, nowMs } = context;
    if (context.isReplica && context.settings.replicaIgnoresLimit) return false;
    if (context.pause.mode !== null) return false;
    if (this.#ports.keyspace.ensureRoom(nowMs)) return false;
    const { transaction } = session;
    const isExec = (command.flags & CommandFlag.exec) !== 0;
    const flags = isExec ? command.flags | (transaction?.flags ?? 0) : command.flags;
    if ((flags & CommandFlag.denyOom) !== 0) return true;
    return transaction !== null && (command.flags & CommandFlag.inTransaction) === 0;
  }

  /** Why another node is to be asked; null if this one serves the command, `context.slot` then being that of its keys. */
  #redirection(
    context: CommandContext,
    cluster: ClusterPort,
    command: Command,
    args: Arguments,
    keySlot: number,
  ): string | null {
    const { onlyKey } = command;
    if (onlyKey > 0) {
      const slot =
        keySlot >= 0
          ? keySlot
          : keySlotOfRange(args.buffer, args.starts[onlyKey], args.ends[onlyKey]);
      if (cluster.serves(slot, (command.flags & CommandFlag.write) !== 0)) {
        context.slot = slot;
        return null;
      }
    }
    const { session, database, nowMs } = context;
    const request = this.#route;
    const { transaction } = session;
    const hasKeys =
      command.keys !== null
        ? request.prepare(command, command.keys, args, session, database, nowMs)
        : transaction !== null &&
          (command.flags & CommandFlag.exec) !== 0 &&
          request.prepareExec(transaction, session, database, nowMs);
    if (!hasKeys) return null;
    const route = cluster.route(request);
    if (route.kind !== 'serve') return redirectionText(route, cluster, session);
    context.slot = request.slot;
    return null;
  }

  /** One command of a transaction, its reply an element of EXEC's. */
  #runQueued(entry: CommandEntry, args: Arguments): void {
    const command = this.#table.all[entry.id];
    const context = this.#context;
    const outer = context.command;
    context.command = command;
    context.failed = false;
    context.inTransaction = true;
    context.database = context.databases[context.session.database];
    if (context.session.isPrimaryLink) context.slot = slotOf(context, command, args);
    else if (context.isReplica) expireAs(context, command);
    this.#run(command, context, args);
    context.command = outer;
    context.failed = false;
    context.inTransaction = false;
  }

  #run(command: Command, context: CommandContext, args: Arguments): void {
    const { stats } = this;
    const { observer, session } = context;
    const { id, run } = command;
    const isTimed = observer.isTimed(command);
    const startUs = isTimed ? this.#ports.clock.monotonicUs() : 0;
    stats.calls[id]++;
    stats.commandsProcessed++;
    const before = session.reply.length;
    context.dirty = false;
    context.isRunning = true;
    try {
      if (session.noTouch) runWithoutTouch(command, context, args);
      else run!(context, args, session.reply);
    } catch (error) {
      replyToFull(context, error, before);
    }
    context.isRunning = false;
    if (context.feed.isActive) propagate(context, args);
    if (isTimed) {
      const tookUs = this.#ports.clock.monotonicUs() - startUs;
      observer.took(command, session, args, context.nowMs, tookUs);
    }
    if (context.failed) stats.failed[id]++;
    if (observer.monitors.size > 0 || session.tracking !== null) {
      this.#tell(command, context, args);
    }
  }

  /** To monitors what has run, to the tracking table what has been read. */
  #tell(command: Command, context: CommandContext, args: Arguments): void {
    const { observer, session } = context;
    if (observer.monitors.size > 0 && (command.flags & CommandFlag.admin) === 0) {
      observer.monitors.show(session, command.fullName, args, this.#ports.clock.wallUs());
    }
    if (session.tracking !== null && (command.flags & CommandFlag.readonly) !== 0) {
      rememberRead(context, session, command, args);
    }
  }
}

/** What replicas must hear of a command that has run. The offset is what a WAIT of this client waits for. */
function propagate(context: CommandContext, args: Arguments): void {
  const { propagation, session, inTransaction } = context;
  if (context.dirty) {
    propagation.add(session.database, args, !inTransaction);
    // Said once: EXEC, for one, does nothing of its own.
    context.dirty = false;
  }
  if (inTransaction) return;
  propagation.end();
  session.replicationOffset = context.replication?.offset ?? 0;
}

/** A database that can hold no more data is an error reply, in place of what was written before; all else is a bug. */
function replyToFull(context: CommandContext, error: unknown, before: number): void {
  if (!(error instanceof ArenaFullError)) throw error;
  context.session.reply.truncate(before);
  context.error(DATABASE_FULL);
}

/** The transaction is lost already where a command was refused or a watched key has changed: nothing need be kept. */
function queue(
  session: Session,
  transaction: Transaction,
  command: Command,
  args: Arguments,
): void {
  if (!transaction.isBroken && !session.watchBroken) transaction.add(command, args);
  session.reply.simple('QUEUED');
}

/** `caching` is what the client had said with CLIENT CACHING before this command. */
function afterTracked(
  context: CommandContext,
  session: Session,
  caching: 'yes' | 'no' | null,
): void {
  const { tracking } = session;
  if (caching !== null && tracking !== null && session.transaction === null) {
    tracking.caching = null;
  }
  context.tracking.flush(session);
}

/** CLIENT NO-TOUCH: keys that the command finds do not count as accessed. */
function runWithoutTouch(command: Command, context: CommandContext, args: Arguments): void {
  const { database } = context;
  database.touchOnFind = false;
  command.run!(context, args, context.session.reply);
  database.touchOnFind = true;
}

/** A tracking client may keep copies now of what it has read. */
function rememberRead(
  context: CommandContext,
  session: Session,
  command: Command,
  args: Arguments,
): void {
  const { keys } = command;
  if (keys === null) return;
  context.tracking.read(session, args, keys.first, lastKeyOf(keys, args.count), keys.step);
}

/** CLIENT REPLY: takes back what the command has written, where the client wants to hear nothing. */
function applyReplyMode(session: Session, before: number): void {
  if (session.replyMode === 'skipNext') session.replyMode = 'skip';
  else {
    session.reply.truncate(Math.max(before, session.pushedLength));
    if (session.replyMode === 'skip') session.replyMode = 'on';
  }
}
