// What a simulated cluster looks like from outside: to faults, operators, workloads and invariants.
// They work with these interfaces; the classes behind them are the engine's own.

import type { BusMessage } from '@slotmesh/cluster-bus';
import type {
  ClusterCore,
  ClusterNotice,
  ClusterOptions,
  OperatorCommand,
  OperatorOutcome,
  Route,
  RouteRequest,
} from '@slotmesh/cluster-core';
import type { NodesConf } from '@slotmesh/nodes-conf';
import type { Replication, ReplicationFacts, ReplicationNotice } from '@slotmesh/replication';
import type { LinkId, Topology } from '@slotmesh/topology';
import type { NodeClock } from '../clock/node-clock.ts';
import type { Change, DataSet } from '../data/data-set.ts';
import type { NodeDisk } from '../disk/node-disk.ts';
import type { SimulationOptions } from '../options.ts';
import type { Dice } from '../random.ts';

/** Where a node can be reached. The bus listens on port + 10000. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** How a process ends: with its sockets closed by the system, or with the machine under it. */
export type End = 'killed' | 'powerLost' | 'diskFailed' | 'startRefused';

/** A node's data set, and the real machine of replication beside it. */
export interface NodeData {
  readonly machine: Replication;
  readonly data: DataSet;
  readonly facts: ReplicationFacts;
  /** Where its data stand: a history, and how far. */
  readonly position: Position;
  /** A full synchronization is being loaded. */
  readonly isLoading: boolean;
  /** Who was at its primary's address when it last connected. */
  readonly source: SimNode | null;
  /** Full synchronizations that were loaded here. */
  readonly fullLoads: number;
  /** WAIT: until `count` replicas have acknowledged `offset`. */
  wait(offset: number, count: number, timeoutMs: number, done: (count: number) => void): void;
}

/** One node: a place, a disk, a clock, and the process that runs there at times. */
export interface SimNode {
  /** Its number in the world. A node keeps it for ever; its id may change (RESET HARD). */
  readonly index: number;
  readonly place: Place;
  /** Goes up with each start: what was meant for an earlier life does not arrive. */
  readonly life: number;
  /** Whether its process exists. */
  readonly isUp: boolean;
  /** Stopped, as by SIGSTOP or a long stall: input waits, ticks do not happen. */
  readonly isPaused: boolean;
  /** The rules of its present life, or of the last one. */
  readonly core: ClusterCore;
  readonly topology: Topology;
  readonly id: string;
  readonly clock: NodeClock;
  readonly disk: NodeDisk;
  /**
   * What its nodes.conf says for certain: what it started from, or the last save that was
   * confirmed.
   */
  readonly saved: NodesConf | null;
  /** Number of keys by slot; slots without keys are not in it. Changed by {@link setKeys} only. */
  readonly keys: ReadonlyMap<number, number>;

  /** A CLUSTER subcommand, and the batch that it makes. Only while the node is up and not paused. */
  execute(command: OperatorCommand): OperatorOutcome;
  /** A client's command reaches the node. Only while it is up and not paused. */
  route(request: RouteRequest): Route;
  /**
   * A client has sent something: it is read when the process runs, at once if it does so now; after a
   * pause some of it comes before the first tick. Lost with the process.
   */
  whenRunning(read: () => void): void;
  /** A client publishes through this node. Only while it is up and not paused. */
  publish(channel: Uint8Array, message: Uint8Array, sharded: boolean): void;
  /** CONFIG SET. */
  configure(options: Partial<ClusterOptions>): void;
  /** Adds or takes away keys that no client knows of. */
  setKeys(slot: number, count: number): void;
  /** Its data, and the machine that replicates them. */
  readonly replicator: NodeData;
  /** Carries out what a client asked for, all of it or nothing; the route was asked before. */
  perform(changes: readonly Change[]): Position;
  /** The same as {@link whenRunning}, but not while clients' writes are held back for a failover. */
  whenWritable(read: () => void): void;
  /** Saves its data, as BGSAVE does; `done` when they are on the disk, or that failed. */
  saveData(done?: () => void): void;
  /** Its data file is gone, as with a lost disk. */
  loseDataFile(): void;
  /** SIGTERM: waits until its replicas have everything, saves, and ends. */
  shutDown(dice: Dice): void;
  /** It waits for its replicas, or saves, and will end. */
  readonly isShuttingDown: boolean;
  /** Ends the process; nothing happens if there is none. */
  stop(end: End, dice: Dice): void;
  /**
   * Starts a process from what is on the disk, at the same place or another one. False: it refused
   * to start (see {@link End} 'startRefused'). Nothing happens, and true, if it runs already.
   */
  start(place?: Place): boolean;
  pause(): void;
  /**
   * Ends one {@link pause} of this life; with the last one it goes on: ticks first, then what came
   * meanwhile, as one batch.
   */
  resume(): void;
  /** One stable line. */
  describe(): string;
}

/** Where a data set stands: in which history, and how far. */
export interface Position {
  readonly id: string;
  readonly offset: number;
}

/** What a node's replication tells its world. */
export interface DataEvents {
  noticed(notice: ReplicationNotice): void;
  /** Commands of its own are in its data, up to there. */
  wrote(data: DataSet, position: Position): void;
  /** Commands of its primary are, up to there. */
  applied(data: DataSet, position: Position): void;
  /** Bytes of a stream have come, from behind this position on. */
  received(position: Position, bytes: Uint8Array): void;
  snapshotTaken(data: DataSet, position: Position): void;
  /** Its data are others now; null: they are gone. */
  replaced(data: DataSet, position: Position | null): void;
}

/** The wires between nodes. A pair has two: one that each of them opened. */
export interface Network {
  /** How long messages from one node to another take: `min` and an exponential part, ms. */
  delay: { readonly minMs: number; readonly meanMs: number };
  /**
   * Holds everything that goes from one node to another, connection attempts included, until as many
   * calls of {@link release}. Held messages arrive after that, in their order: a connection that
   * survives loses nothing.
   */
  hold(from: SimNode, to: SimNode): void;
  release(from: SimNode, to: SimNode): void;
  isHeld(from: SimNode, to: SimNode): boolean;
  /** Messages of a link that is up may be lost, doubled or swapped: more than TCP allows. */
  beyondTcp: { readonly loss: number; readonly duplicate: number; readonly reorder: number } | null;
  /** The connections that at least one end holds for open, or is opening, in the order in which they were opened. */
  connections(): readonly Connection[];
  /**
   * Ends a connection with what was on its way. `told`: which ends notice; the others believe
   * themselves connected, and what they write vanishes.
   */
  reset(connection: Connection, told: Told): void;
  /** From now on whoever writes on a connection that was reset is told. */
  mend(connection: Connection): void;
  /** A node reads a message in so many ms from each connection, and no faster; 0 = at once. */
  throttle(to: SimNode, messageMs: number): void;
  /** The same as {@link hold}, {@link release} and {@link throttle} (for a KiB) of what is replicated alone. */
  holdReplication(from: SimNode, to: SimNode): void;
  releaseReplication(from: SimNode, to: SimNode): void;
  throttleReplication(to: SimNode, kibMs: number): void;
  /** A message that nobody sent arrives at one end of a connection, in the name of the other. */
  forge(connection: Connection, to: 'from' | 'to', message: BusMessage): void;
  /** Messages that arrived. */
  readonly delivered: number;
}

/** Who notices that a connection has ended. */
export type Told = 'both' | 'from' | 'to' | 'nobody';

/** A connection. */
export interface Connection {
  /** `data`: bytes of replication. */
  readonly channel: 'bus' | 'data';
  /** Who opened it. */
  readonly from: SimNode;
  readonly to: SimNode;
  /** Both processes are there, and both hold it for open. */
  readonly isOpen: boolean;
}

/** What no node can see: the history that invariants and repairs are judged by. */
export interface Ghost {
  /**
   * Pairs "who, whom" (numbers of nodes, as `a>b`) that an operator took apart, or whom a fault left
   * without a way to each other that the protocol could find. The repair at the end lets them meet.
   */
  readonly severed: Set<string>;
  /**
   * When the last ban of a FORGET has run out everywhere. Until then nodes that hear of it go on
   * forgetting, whoever meets whom.
   */
  bannedUntilMs: number;
  /** Ids that no node has any more. The repair lets everybody forget them. */
  readonly abandonedIds: Set<string>;
  /** All of them that there ever were. */
  readonly formerIds: Set<string>;
  /** Nodes that may run with an older state than the one that they have told of. */
  readonly rewound: Set<SimNode>;
  /**
   * Slots that an operator took from somebody. The protocol has no word for "nobody's": whoever was
   * told before goes on naming the old owner, so the repair gives them back.
   */
  readonly releasedSlots: Set<number>;
  /** Operators' commands that were carried out, by kind. */
  readonly commands: Map<OperatorCommand['kind'], number>;
  readonly answers: AnswerBook;
  readonly stalls: StallBook;
  readonly contestedSlots: { has(slot: number): boolean };
  readonly writes: WriteBook;
  readonly streams: StreamBook;
  /** Elections that were begun. */
  readonly elections: { count: number };
  /** Writes that were acknowledged. */
  acknowledgedWrites: number;
  /** Of those, the ones that are gone, by the cause that explains it. */
  readonly lostWrites: Map<LossCause, number>;
  /** Where there is no lease: the longest time for which two nodes acknowledged writes to one slot in turns, ms. */
  writeOverlapMs: number;
}

/**
 * Why a write that was acknowledged may be gone. `async`: it had not reached the replica that was elected.
 * `minority`: nor a majority its primary, which took it before it knew. `durability`: a process ended, and it was in no
 * file. `admin`: an operator ordered what no agreement protects.
 * `misled`: an address led a replica to another node than its primary, whose data it took, and it was elected.
 */
export type LossCause = 'async' | 'minority' | 'durability' | 'admin' | 'misled';

/** What clients were told. */
export interface WriteBook {
  /** A number that no write has had; from 1. */
  nextValue(): number;
  acknowledge(node: SimNode, changes: readonly Change[], position: Position): void;
  answerWait(
    node: SimNode,
    told: {
      readonly changes: readonly Change[];
      readonly position: Position;
      readonly replicas: number;
    },
  ): void;
  noteRead(node: SimNode, slot: number): void;
}

/** What every history consists of. */
export interface StreamBook {
  /** Whether the data of one are those of the other, perhaps not up to the same point: they share a beginning. */
  isRelated(a: Position, b: Position): boolean;
  /** The history that a position is in, before it got another name; and the position there. */
  origin(position: Position): Position;
}

/** Which PINGs were answered. */
export interface AnswerBook {
  /** When the latest PING left that this peer has answered, by the node's clock; -Infinity = none. */
  latestMs(node: SimNode, peer: string): number;
}

/** When processes stood still, by their own clocks. */
export interface StallBook {
  /** Whether it stands still, or has woken up and had no tick yet. */
  isStalled(node: SimNode): boolean;
  /** The end of its last stall; -Infinity = it had none in this life. */
  endMs(node: SimNode): number;
  /** Its last tick, or its start. */
  lastTickMs(node: SimNode): number;
}

/** A simulated cluster and its surroundings. */
export interface World {
  readonly options: SimulationOptions;
  /** Virtual milliseconds since the run began; whole. */
  readonly nowMs: number;
  /** Events so far. */
  readonly events: number;
  readonly nodes: readonly SimNode[];
  readonly network: Network;
  readonly ghost: Ghost;
  /** Nodes whose process exists. */
  upNodes(): SimNode[];
  /** Nodes that can be talked to: up, and not paused. */
  liveNodes(): SimNode[];
  /** Runs something later. */
  after(delayMs: number, run: () => void): void;
  /** The stream of random numbers of that name; begins anew with each call. */
  dice(name: string): Dice;
  /** A place where no node has ever been. */
  newPlace(): Place;
  /** Adds a node that nobody knows, and starts it. */
  addNode(): SimNode;
  /**
   * Makes a node, not started, that is none of {@link nodes}: another cluster's, whose fate is that
   * of the fault that asked for it.
   */
  createStranger(): SimNode;
  /** Those of {@link createStranger}. */
  readonly strangers: readonly SimNode[];
  /** A line for the log. */
  note(what: string, detail: string, node?: SimNode): void;
  /** Tells those who watch of something that a client saw. */
  tell<K extends 'acknowledged' | 'waited' | 'read'>(
    kind: K,
    ...what: Parameters<NonNullable<WorldEvents[K]>>
  ): void;
  /** A fault struck; counted by name, and noted. */
  struck(name: string, detail: string): void;
}

/** A message that a client published. */
export interface Publication {
  readonly channel: Uint8Array;
  readonly message: Uint8Array;
  readonly sharded: boolean;
}

/** What a world tells those who watch it. */
export interface WorldEvents {
  /** A process has started. */
  started?(node: SimNode): void;
  stopped?(node: SimNode, end: End): void;
  /** A batch of a node was settled, its effects not carried out yet. */
  settled?(node: SimNode): void;
  /** A message is handed to the network. */
  sending?(node: SimNode, link: LinkId, message: BusMessage): void;
  /** A message has arrived, on a link that the node reads; it has not looked at it yet. */
  receiving?(node: SimNode, link: LinkId, message: BusMessage): void;
  noticed?(node: SimNode, notice: ClusterNotice): void;
  /** A timer fires; the node has not looked at it yet. */
  ticking?(node: SimNode): void;
  /** A client's command is served here, and not sent elsewhere or refused. */
  served?(node: SimNode, request: RouteRequest): void;
  /** A client publishes; the node has not looked at it yet. */
  published?(node: SimNode, publication: Publication): void;
  /** What was published at another node has reached the subscribers of this one. */
  delivered?(node: SimNode, publication: Publication): void;
  /** Its replication, or its role in it. */
  replicationNoticed?(node: SimNode, notice: ReplicationNotice): void;
  wrote?(node: SimNode, position: Position): void;
  applied?(node: SimNode, position: Position): void;
  streamReceived?(node: SimNode, position: Position, bytes: Uint8Array): void;
  dataReplaced?(node: SimNode, position: Position | null): void;
  /** Slots' keys go, because another node owns them, or all keys do. Before it happens. */
  deleting?(node: SimNode, slots: readonly number[] | 'all'): void;
  /** A client reads keys of a slot here; the route was asked before. */
  read?(node: SimNode, slot: number): void;
  /** A write was acknowledged to its client. */
  acknowledged?(node: SimNode, changes: readonly Change[], position: Position): void;
  /** WAIT has told a client how many replicas have what was written up to there. */
  waited?(node: SimNode, changes: readonly Change[], position: Position, replicas: number): void;
  /** An operator's command was answered; its batch is not settled yet. */
  executed?(node: SimNode, command: OperatorCommand, outcome: OperatorOutcome): void;
}
