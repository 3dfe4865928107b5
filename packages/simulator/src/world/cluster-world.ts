// A simulated cluster: the nodes, the wires between them, virtual time, and the history that only the
// simulator sees. Everything that happens is an event of the one schedule.

import { type ClusterOptions, clusterDefaults, type OperatorCommand } from '@slotmesh/cluster-core';
import { DEFAULT_REPLICATION_OPTIONS } from '@slotmesh/replication';
import { NodeClock } from '../clock/node-clock.ts';
import type { DiskFactory } from '../disk/node-disk.ts';
import { Answers } from '../ghost/answers.ts';
import { ContestedSlots } from '../ghost/contested-slots.ts';
import { Histories } from '../ghost/histories.ts';
import { Stalls } from '../ghost/stalls.ts';
import { Writes } from '../ghost/writes.ts';
import { WireNetwork } from '../network/network.ts';
import { StreamNetwork } from '../network/streams.ts';
import { Parcel } from '../network/wire.ts';
import type { SimulationOptions } from '../options.ts';
import { type Dice, stream } from '../random.ts';
import { Schedule } from '../schedule.ts';
import { TraceHash } from '../trace/trace-hash.ts';
import type { TraceSink } from '../trace/trace-sink.ts';
import { ClusterNode } from './cluster-node.ts';
import type { Ghost, Place, SimNode, World, WorldEvents } from './contract.ts';
import { EntryPool } from './entry-pool.ts';
import { placeOf } from './identity.ts';
import type { NodeHost } from './node-host.ts';
import { collectHandlers } from './tell.ts';

/** A node's timer. */
class Tick {
  readonly node: ClusterNode;
  readonly life: number;

  constructor(node: ClusterNode, life: number) {
    this.node = node;
    this.life = life;
  }
}

type Event = Parcel | Tick | (() => void);

export interface WorldParts {
  readonly options: SimulationOptions;
  readonly disk: DiskFactory;
  /** Makes those who watch, when the world is there to be looked at. */
  readonly watch?: (world: World) => readonly WorldEvents[];
  readonly trace?: TraceSink | null;
  /** A {@link TraceHash}, unless told otherwise. */
  readonly hash?: TraceHash;
  /**
   * False: the ghost keeps no record of the PINGs that were answered, by which invariants judge leases. It costs a part of
   * each message, and a number for each two nodes. Default: true.
   */
  readonly keepsAnswers?: boolean;
}

export class ClusterWorld implements World {
  readonly options: SimulationOptions;
  readonly nodes: ClusterNode[] = [];
  readonly strangers: ClusterNode[] = [];
  readonly network: WireNetwork;
  readonly hash: TraceHash;
  readonly ghost: Ghost;
  /** Strikes by the fault's name. */
  readonly strikes: Map<string, number> = new Map();
  events = 0;
  readonly #schedule = new Schedule<Event>();
  readonly #trace: TraceSink | null;
  readonly #disk: DiskFactory;
  readonly #clockDice: Dice;
  readonly #host: NodeHost<ClusterNode>;
  #places = 0;

  constructor(parts: WorldParts) {
    const { options, keepsAnswers = true } = parts;
    this.options = options;
    this.#trace = parts.trace ?? null;
    this.hash = parts.hash ?? new TraceHash();
    this.#disk = parts.disk;
    this.#clockDice = this.dice('clock');
    const streamBook = new Histories();
    const books = {
      streams: streamBook,
      writes: new Writes(this, streamBook),
      answers: new Answers(this),
      stalls: new Stalls(this),
      contestedSlots: new ContestedSlots(this),
    };
    this.ghost = {
      severed: new Set(),
      bannedUntilMs: 0,
      abandonedIds: new Set(),
      formerIds: new Set(),
      rewound: new Set(),
      releasedSlots: new Set(),
      commands: new Map(),
      acknowledgedWrites: 0,
      lostWrites: new Map(),
      elections: { count: 0 },
      writeOverlapMs: 0,
      ...books,
    };
    const schedule = this.#schedule;
    this.network = new WireNetwork({
      dice: this.dice('network'),
      codec: options.codec,
      connectTimeoutMs: Math.max(options.cluster.nodeTimeoutMs, 1000),
      delay: options.delay,
      nowMs: () => schedule.nowMs,
      deliverAt: (atMs, parcel) => schedule.at(atMs, parcel),
    });
    const streams = new StreamNetwork({
      dice: this.dice('streams'),
      connectTimeoutMs: Math.max(options.cluster.nodeTimeoutMs, 1000),
      nowMs: () => schedule.nowMs,
      delay: () => this.network.delay,
      isHeld: (from, to) => this.network.isHeld(from, to),
      ownerOf: (place) => this.network.ownerOf(place) as ClusterNode | undefined,
      at: (atMs, run) => schedule.at(atMs, run),
    });
    this.network.streams = streams;
    const { saveEveryMs, shutdownTimeoutMs, ...replication } = options.replication;
    this.#host = {
      seed: options.seed,
      network: this.network,
      streams,
      replication: {
        options: { ...DEFAULT_REPLICATION_OPTIONS, ...replication.machine },
        ...{ saveEveryMs, shutdownTimeoutMs },
      },
      after: (delayMs, run) => this.after(delayMs, run),
      entries: new EntryPool(),
      hash: this.hash,
      trace: this.#trace,
      handlers: collectHandlers([
        this.#historian(),
        ...Object.values(books).filter((book) => book !== books.answers || keepsAnswers),
        ...(parts.watch?.(this) ?? []),
      ]),
      nowMs: () => schedule.nowMs,
      tickAt: (atMs, node, life) => schedule.at(atMs, new Tick(node, life)),
      note: (what, detail, node) => this.note(what, detail, node),
    };
  }

  // ---- time

  get nowMs(): number {
    return this.#schedule.nowMs;
  }

  /** When the next event is due; Infinity if nothing is going to happen. */
  get nextMs(): number {
    return this.#schedule.nextMs;
  }

  after(delayMs: number, run: () => void): void {
    this.#schedule.at(this.nowMs + Math.max(0, Math.round(delayMs)), run);
  }

  /** Lets the next event happen. */
  step(): void {
    const event = this.#schedule.take();
    this.events++;
    if (event instanceof Parcel) this.network.arrive(event);
    else if (event instanceof Tick) event.node.tick(event.life);
    else event();
  }

  /** Lets virtual time pass. */
  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    let isOver = false;
    this.#schedule.at(endMs, () => {
      isOver = true;
    });
    while (!isOver) this.step();
  }

  /** Runs until something holds, looking every 100 ms; false if it did not within the limit. */
  runUntil(holds: () => boolean, limitMs: number): boolean {
    const endMs = this.nowMs + limitMs;
    while (!holds()) {
      if (this.nowMs >= endMs) return false;
      this.run(100);
    }
    return true;
  }

  // ---- nodes

  upNodes(): ClusterNode[] {
    return this.nodes.filter((node) => node.isUp);
  }

  liveNodes(): ClusterNode[] {
    return this.nodes.filter((node) => node.isUp && !node.isPaused);
  }

  /** A node that is not started yet. */
  createNode(): ClusterNode {
    const node = this.#makeNode();
    this.nodes.push(node);
    return node;
  }

  createStranger(): SimNode {
    const node = this.#makeNode();
    this.strangers.push(node);
    return node;
  }

  #makeNode(): ClusterNode {
    const index = this.nodes.length + this.strangers.length;
    const { clockRate, disk, cluster } = this.options;
    const rate = clockRate.min + this.#clockDice.fraction() * (clockRate.max - clockRate.min);
    return new ClusterNode(this.#host, {
      index,
      place: this.newPlace(),
      clock: new NodeClock(rate),
      disk: this.#disk({
        dice: this.dice(`disk/${index}`),
        latencyMs: { min: disk.minMs, mean: disk.meanMs },
        after: (delayMs, run) => this.after(delayMs, run),
      }),
      dataDisk: this.#disk({
        dice: this.dice(`data disk/${index}`),
        latencyMs: { min: disk.minMs, mean: disk.meanMs },
        after: (delayMs, run) => this.after(delayMs, run),
      }),
      options: clusterOptions(cluster),
    });
  }

  addNode(): SimNode {
    const node = this.createNode();
    node.start();
    return node;
  }

  newPlace(): Place {
    return placeOf(this.#places++);
  }

  dice(name: string): Dice {
    return stream(this.options.seed, name);
  }

  // ---- what is told

  tell<K extends 'acknowledged' | 'waited' | 'read'>(
    kind: K,
    ...what: Parameters<NonNullable<WorldEvents[K]>>
  ): void {
    const handlers = this.#host.handlers[kind] as readonly ((...told: typeof what) => void)[];
    for (const tell of handlers) tell(...what);
  }

  note(what: string, detail: string, node?: SimNode): void {
    const index = node?.index ?? -1;
    this.hash.event(this.nowMs, index, 3);
    this.hash.text(what);
    this.hash.text(detail);
    const atMs = this.nowMs;
    this.#trace?.record({ kind: 'environment', atMs, node: index, what, detail });
  }

  struck(name: string, detail: string): void {
    this.strikes.set(name, (this.strikes.get(name) ?? 0) + 1);
    this.note(name, detail);
  }

  /** Keeps the ghost's books of what operators did. */
  #historian(): WorldEvents {
    const { ghost } = this;
    const { commands, releasedSlots } = ghost;
    const banMs = (this.options.cluster.blacklistTtlS * 1000) / this.options.clockRate.min;
    const count = (kind: OperatorCommand['kind']): void => {
      commands.set(kind, (commands.get(kind) ?? 0) + 1);
    };
    const { nodeTimeoutMs, manualFailoverTimeoutMs = 5000 } = this.options.cluster;
    const handoverMs =
      (2 * manualFailoverTimeoutMs + 4 * Math.max(nodeTimeoutMs, 1000)) /
      this.options.clockRate.min;
    const order = (forMs: number): void => {
      ghost.bannedUntilMs = Math.max(ghost.bannedUntilMs, this.nowMs + Math.ceil(forMs));
    };
    /** What each node was called when last heard of. */
    const ids = new Map<SimNode, string>();
    return {
      started: (node) => {
        const former = ids.get(node);
        ids.set(node, node.id);
        if (
          former === undefined ||
          former === node.id ||
          this.strangers.some((one) => one === node)
        )
          return;
        // Its file is gone, or another one's: nobody knows it by the name that it has now.
        ghost.abandonedIds.add(former);
        for (const other of this.nodes) {
          if (other === node) continue;
          ghost.severed.add(`${node.index}>${other.index}`);
          ghost.severed.add(`${other.index}>${node.index}`);
        }
      },
      noticed: (_node, { kind }) => {
        if (kind === 'electionStarted') ghost.elections.count++;
      },
      executed: (node, command, outcome) => {
        if (!outcome.ok) return;
        ids.set(node, node.id);
        count(command.kind);
        if (command.kind === 'forget') order(banMs);
        // The handover, and an election that it has begun.
        if (command.kind === 'failover') order(handoverMs);
        if (command.kind === 'delSlots') for (const slot of command.slots) releasedSlots.add(slot);
      },
    };
  }
}

/** redis.conf's defaults, where a run does not say otherwise. */
function clusterOptions(cluster: SimulationOptions['cluster']): ClusterOptions {
  return { ...clusterDefaults, ...cluster };
}
