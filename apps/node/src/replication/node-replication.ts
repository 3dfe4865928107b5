// Replication of this node: the rules of the replication package with sockets, the keyspace and files around them, and
// what commands and the cluster's rules ask of it. Effects are carried out at once, in their order; what many commands of
// one turn have written goes to the replicas at its end.

import { resolve } from 'node:path';
import type {
  CommandProcessor,
  ReplicationFacts,
  ReplicationFeed,
  ReplicationPort,
  Session,
} from '@slotmesh/commands';
import type { ClusterClock, Flushable, TurnEnd } from '@slotmesh/io';
import { type Millis, type Random, unreachable } from '@slotmesh/machine';
import {
  type ReplicaDrop,
  Replication,
  type ReplicationEffect,
  type ReplicationInput,
  type SavedHistory,
} from '@slotmesh/replication';
import { type Arguments, type CommandLimits, ProtocolError } from '@slotmesh/resp';
import { hostOf } from '../client/address.ts';
import { fileReason } from '../cluster/saved-state.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log/logger.ts';
import type { Persistence } from '../persistence/persistence.ts';
import { temporaryPath } from '../persistence/temporary-files.ts';
import type { WallClock } from '../process/wall-clock.ts';
import { wordReplication } from './notices.ts';
import { PrimaryLink } from './primary-link.ts';
import { ReplicaConnections } from './replica-connections.ts';
import { portFacts } from './replication-facts.ts';
import {
  REPLICATION_OPTION_NAMES,
  type ReplicationSurroundings,
  replicationOptions,
} from './replication-options.ts';
import { SnapshotReceiver } from './snapshot-receiver.ts';
import { SnapshotSender } from './snapshot-sender.ts';
import { StreamExecutor, StreamRefusedError } from './stream-executor.ts';

const TICK_MS = 100;
/** To replicas of a primary that has lost its data: they try again later, and keep theirs until then. */
const NOT_NOW = 'LOADING Redis is loading the dataset in memory';
/** A replica that was given up for one of these does not read: what waits for it would wait on. */
const STUCK: ReadonlySet<ReplicaDrop> = new Set([
  'outputHardLimit',
  'outputSoftLimit',
  'ackTimeout',
  'sendTimeout',
]);

export interface NodeReplicationParts extends ReplicationSurroundings {
  readonly config: Config;
  readonly log: Logger;
  readonly turnEnd: TurnEnd;
  readonly clock: ClusterClock;
  readonly commandClock: Pick<WallClock, 'beginBatch' | 'endBatch'>;
  readonly random: Random;
  readonly persistence: Persistence;
  readonly streamLimits: () => CommandLimits;
  /** Whether this primary has lost its data, and waits for a replica to take its place. */
  readonly keepsSilent: () => boolean;
  /** A number for the link to the primary among those of the clients. */
  readonly nextClientId: () => number;
}

/** What commands append to. */
class Feed implements ReplicationFeed {
  isActive = false;
  readonly #append: (database: number, args: Arguments) => void;

  constructor(append: (database: number, args: Arguments) => void) {
    this.#append = append;
  }

  command(database: number, args: Arguments): void {
    this.#append(database, args);
  }
}

export class NodeReplication implements ReplicationPort, Flushable {
  readonly feed: Feed;
  role: 'primary' | 'replica' = 'primary';
  isLinkUp = false;
  goodReplicaCount = 0;
  /** Bytes that came from the primary, and that went to replicas. */
  inputBytes = 0;
  outputBytes = 0;
  readonly #parts: NodeReplicationParts;
  readonly #replicas = new ReplicaConnections();
  readonly #link: PrimaryLink;
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  #machine: Replication;
  #processor!: CommandProcessor;
  #stream: StreamExecutor | null = null;
  #effects: ReplicationEffect[] = [];
  #isCarryingOut = false;
  #isFlushing = false;
  #isClosed = false;
  #ticker: NodeJS.Timeout | undefined;
  readonly #sink = {
    push: (effect: ReplicationEffect): number => this.#effects.push(effect),
  };

  constructor(parts: NodeReplicationParts) {
    this.#parts = parts;
    const { config, log, turnEnd, persistence } = parts;
    this.#machine = this.#makeMachine(null, false);
    this.feed = new Feed((database, args) => {
      this.#machine.appendCommand(database, args);
      this.#schedule();
    });
    this.#link = new PrimaryLink({
      turnEnd,
      host: this,
      connectTimeoutMs: () => this.#machine.options.timeoutMs,
      sourceAddress: () => config.text('bind-source-addr'),
    });
    this.#sender = new SnapshotSender({
      input: (input) => this.#input(input),
      wants: (snapshot) => this.#machine.wantsSnapshot(snapshot),
      open: () => persistence.openSnapshot(),
      path: () => temporaryPath(this.#dataPath(), 'send'),
      failed: (error) => log.warning(`Snapshot for replicas failed: ${fileReason(error)}`),
    });
    this.#receiver = new SnapshotReceiver({
      persistence,
      path: () => temporaryPath(this.#dataPath(), 'receive'),
      loaded: (load, streamDb) => this.#input({ kind: 'loaded', load, streamDb }),
      failed: (load, error) => {
        log.warning(`Failed to load the snapshot of the master: ${fileReason(error)}`);
        this.#input({ kind: 'loadFailed', load });
      },
      setReading: (on) => this.#link.setReading(on),
      empty: () => this.#processor.emptyData(),
    });
    config.onChange(REPLICATION_OPTION_NAMES, () => {
      this.#machine.options = replicationOptions(config, this.#parts);
      return null;
    });
  }

  #makeMachine(saved: SavedHistory | null, startsAsReplica: boolean): Replication {
    const { config, random, clock } = this.#parts;
    const options = replicationOptions(config, this.#parts);
    return new Replication({ options, random, nowMs: clock.now(), saved, startsAsReplica });
  }

  /** Who executes the stream, and hears of changes. To be called before anything else. */
  attach(processor: CommandProcessor): void {
    this.#processor = processor;
  }

  /** Goes on with the history that the data file told of, and begins. */
  start(saved: SavedHistory | null, startsAsReplica: boolean): void {
    this.#machine = this.#makeMachine(saved, startsAsReplica);
    this.#refresh();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Ends all of it. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#ticker);
    this.#sender.close();
    this.#receiver.close();
    this.#link.destroy();
  }

  // ---- the rules -------------------------------------------------------------------------------------------------

  #tick(): void {
    this.#input({ kind: 'tick' });
  }

  #input(input: ReplicationInput): void {
    if (this.#isClosed) return;
    this.#machine.step(this.#parts.clock.now(), input, this.#sink);
    this.#carryOut();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#parts.turnEnd.add(this);
  }

  /** The end of a turn in which something happened. */
  flush(): void {
    this.#isFlushing = false;
    if (this.#isClosed) return;
    this.#reportSent();
    this.#machine.settle(this.#parts.clock.now(), this.#sink);
    this.#carryOut();
  }

  /** Inputs that come of it are steps of their own; what they ask for is carried out after what is there already. */
  #carryOut(): void {
    if (this.#isCarryingOut) return;
    this.#isCarryingOut = true;
    try {
      const effects = this.#effects;
      for (let i = 0; i < effects.length; i++) this.#one(effects[i]);
      effects.length = 0;
    } finally {
      this.#isCarryingOut = false;
    }
    this.#refresh();
  }

  #one(effect: ReplicationEffect): void {
    switch (effect.kind) {
      case 'reply':
        this.#replicas.reply(effect.client, effect.bytes);
        break;
      case 'send':
        this.outputBytes += effect.bytes.length;
        this.#replicas.send(effect.client, effect.bytes);
        break;
      case 'close':
        this.#replicas.end(effect.client, STUCK.has(effect.why));
        break;
      case 'startSnapshot':
        this.#sender.start(effect.snapshot, effect.framing);
        break;
      case 'snapshotResume':
        this.#sender.resume(effect.snapshot);
        break;
      case 'cancelSnapshot':
        this.#sender.cancel(effect.snapshot);
        break;
      case 'connect':
        this.#link.connect(effect.link, effect.address);
        break;
      case 'linkSend':
        this.#link.send(effect.link, effect.bytes);
        break;
      case 'linkClose':
        this.#link.close(effect.link);
        break;
      case 'linkPause':
        this.#link.setReading(false);
        break;
      case 'linkResume':
        this.#link.setReading(true);
        break;
      case 'loadBegin':
        this.#receiver.begin(effect.load, effect.sizeBytes, effect.replaces);
        break;
      case 'loadChunk':
        this.#receiver.chunk(effect.load, effect.bytes);
        break;
      case 'loadEnd':
        this.#receiver.end(effect.load);
        break;
      case 'loadAbort':
        this.#receiver.abort(effect.load);
        break;
      case 'streamBegin':
        this.#beginStream(effect.db);
        break;
      case 'apply':
        this.#apply(effect.bytes);
        break;
      case 'streamEnd':
        this.#endStream();
        break;
      case 'waitDone':
        break; // nobody waits here: WAIT counts by `replicasAt`, as it blocks its client itself
      case 'notice':
        this.#parts.log.log(
          ...wordReplication(effect.notice, (client) => this.#replicas.name(client)),
        );
        break;
      default:
        unreachable(effect);
    }
  }

  /** Takes over what commands look at all the time, and tells them where it has changed. */
  #refresh(): void {
    const machine = this.#machine;
    const role = machine.isPrimary ? 'primary' : 'replica';
    const isLinkUp = machine.isLinkUp;
    const goodReplicaCount = machine.countGoodReplicas(this.#parts.clock.now());
    this.feed.isActive = machine.isWriting;
    if (
      role === this.role &&
      isLinkUp === this.isLinkUp &&
      goodReplicaCount === this.goodReplicaCount
    ) {
      return;
    }
    this.role = role;
    this.isLinkUp = isLinkUp;
    this.goodReplicaCount = goodReplicaCount;
    this.#processor.replicationChanged();
  }

  #dataPath(): string {
    const { config } = this.#parts;
    return resolve(config.text('dir'), config.text('dbfilename'));
  }

  // ---- orders of the cluster's rules -----------------------------------------------------------------------------

  /** Becomes, or stays, a replica of the node at that address. */
  follow(host: string, port: number): 'started' | 'already' {
    const { primaryAddress } = this.#machine;
    const isSame = primaryAddress?.host === host && primaryAddress.port === port;
    this.#noteInConfig(`${host} ${port}`);
    this.#input({ kind: 'follow', address: { host, port } });
    return isSame ? 'already' : 'started';
  }

  followNobody(): void {
    this.#noteInConfig('');
    this.#input({ kind: 'followNobody' });
  }

  /** Without a cluster the next start goes on with what REPLICAOF has said, if CONFIG REWRITE keeps it. */
  #noteInConfig(replicaof: string): void {
    const { config } = this.#parts;
    if (!config.isOn('cluster-enabled')) config.note('replicaof', replicaof);
  }

  /** Clients' writes are paused for a failover: the stream has to stand still as well. */
  pause(isPaused: boolean): void {
    this.#input({ kind: 'pause', isPaused });
  }

  /** Whether all replicas that are online have all of the stream. */
  get isEveryReplicaUpToDate(): boolean {
    return this.#machine.isEveryReplicaUpToDate;
  }

  // ---- what others ask -------------------------------------------------------------------------------------------

  get offset(): number {
    return this.#machine.offset;
  }

  /** The offset that an election counts: none before the data are the primary's. */
  get offsetForRank(): number {
    return this.#machine.isPrimary || this.#machine.isSynced ? this.#machine.offset : 0;
  }

  /** Up to when the data are known to be those of the primary that is followed now; null = never. */
  get completeUntilMs(): Millis | null {
    return this.#machine.completeUntilMs;
  }

  savedHistory(): SavedHistory | null {
    return this.#machine.savedHistory();
  }

  replicasAt(offset: number): number {
    return this.#machine.countAcked(offset);
  }

  facts(): ReplicationFacts {
    const { inputBytes, outputBytes } = this;
    return { ...portFacts(this.#machine.facts(this.#parts.clock.now())), inputBytes, outputBytes };
  }

  requestAcks(): void {
    this.#machine.requestAcks();
    this.#schedule();
  }

  changeId(): void {
    this.#machine.changeId();
  }

  // ---- clients that are replicas ---------------------------------------------------------------------------------

  replicaCommand(session: Session, args: Arguments): void {
    // What a replica says on a stream that goes on is not answered.
    if (this.#parts.keepsSilent() && !this.#replicas.has(session.id)) {
      session.reply.error(NOT_NOW);
      return;
    }
    this.#replicas.add(session);
    this.#input({
      kind: 'command',
      client: session.id,
      remoteHost: hostOf(session.address),
      args,
      hasPendingOutput: session.reply.length > 0 || session.transport.outputBytes > 0,
    });
    session.isReplica = this.#machine.isReplicaClient(session.id);
    this.#processor.replicasAcknowledged();
  }

  replicaLeft(session: Session): void {
    if (this.#replicas.remove(session)) this.#input({ kind: 'clientClosed', client: session.id });
  }

  /** Something came on a replica's connection, be it an empty line. */
  replicaHeard(session: Session): void {
    this.#input({ kind: 'clientActive', client: session.id });
  }

  /** Output of a replica's connection has left: more may follow, at the end of the turn. */
  replicaDrained(): void {
    this.#schedule();
  }

  #reportSent(): void {
    for (const [client, bytes] of this.#replicas.takeSent()) {
      this.#input({ kind: 'sent', client, bytes });
    }
  }

  // ---- the link to the primary -----------------------------------------------------------------------------------

  linkUp(link: number): void {
    this.#input({ kind: 'linkUp', link });
  }

  linkData(link: number, bytes: Uint8Array): void {
    this.inputBytes += bytes.length;
    this.#input({ kind: 'linkData', link, bytes });
  }

  linkDown(link: number): void {
    this.#input({ kind: 'linkDown', link });
  }

  /** The stream had REPLCONF GETACK. */
  acknowledge(): void {
    this.#input({ kind: 'getack' });
  }

  streamFailed(command: string | null, error: string): void {
    if (command === null) {
      this.#stream?.refuse(error);
      return;
    }
    this.#parts.log.warning(
      `== CRITICAL == This replica is sending an error to its master: '${error}' after processing the command '${command}'`,
    );
  }

  #beginStream(db: number): void {
    this.#endStream();
    const { primaryAddress } = this.#machine;
    const address = `${primaryAddress?.host ?? ''}:${primaryAddress?.port ?? 0}`;
    this.#stream = new StreamExecutor(
      {
        processor: this.#processor,
        clock: this.#parts.commandClock,
        limits: this.#parts.streamLimits(),
        clientId: this.#parts.nextClientId(),
        killed: () => this.#link.fail(),
        applied: (bytes, streamDb) => this.#machine.applied(bytes, streamDb),
      },
      address,
      db,
    );
  }

  #apply(bytes: Uint8Array): void {
    try {
      this.#stream?.execute(bytes);
    } catch (error) {
      if (error instanceof StreamRefusedError) {
        this.#parts.log.warning(`This replica cannot follow its master: ${error.message}`);
      } else if (error instanceof ProtocolError) {
        this.#parts.log.warning(`Protocol error in the stream of the master: ${error.message}`);
      } else throw error;
      this.#link.fail();
    }
  }

  #endStream(): void {
    this.#stream?.close();
    this.#stream = null;
  }
}
