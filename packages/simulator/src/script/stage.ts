// Where a script is played: a world of the simulator's own engine without chance (messages take a
// millisecond, clocks run alike, nothing fails by itself), the names of its nodes, and the invariants,
// which look at every step.

import { fromTopology } from '@slotmesh/nodes-conf';
import { Topology } from '@slotmesh/topology';
import type { DiskOperation } from '../disk/errors.ts';
import type { DiskOutcome } from '../disk/faults.ts';
import { InvariantError, Monitor } from '../invariants/monitor.ts';
import { convergenceBoundMs } from '../liveness/bounds.ts';
import { disagreement } from '../liveness/quiescence.ts';
import type { SimulationOptions } from '../options.ts';
import { type Dice, stream } from '../random.ts';
import { REGISTRY, type Registry } from '../registry.ts';
import { optionsOf } from '../swarm.ts';
import type { TraceRecord } from '../trace/trace-sink.ts';
import type { ClusterNode } from '../world/cluster-node.ts';
import { ClusterWorld } from '../world/cluster-world.ts';
import type { SimNode, WorldEvents } from '../world/contract.ts';
import { type Roles, rowOf, startFromRows } from '../world/from-files.ts';
import { ConfImage, NODES_FILE } from '../world/nodes-file.ts';
import { ScriptError } from './errors.ts';
import { Ids, idOf, nameOf } from './names.ts';
import { Told } from './told.ts';
import { Traffic } from './traffic.ts';
import type { Duration, LinkSet, NodeSet } from './words.ts';

/** The world that a script gets unless it asks for another one. */
const PLAIN: Partial<SimulationOptions> = {
  nodes: 0,
  voters: 0,
  start: 'files',
  faultyMs: 0,
  codec: true,
  cluster: { nodeTimeoutMs: 2000, lease: true, requireFullCoverage: true, blacklistTtlS: 60 },
  replication: {
    ...{ replicas: 0, saveEveryMs: 0, shutdownTimeoutMs: 10_000 },
    machine: { disklessSyncDelayMs: 0, pingPeriodMs: 1000, timeoutMs: 60_000 },
  },
  delay: { minMs: 1, meanMs: 0 },
  clockRate: { min: 1, max: 1 },
  disk: { minMs: 2, meanMs: 0 },
  beyond: [],
  // The script itself is one: what holds where nothing ever goes wrong is not asked.
  faults: [{ name: 'script', everyMs: 0, options: {} }],
  operators: { actions: [], everyMs: 1000, stepMs: 1, interruption: 0 },
  workloads: [],
  masked: [],
};

/** Nodes that start alone do not tick at the same moments. */
const START_PAUSE_MS = 7;

export type WorldSettings = (plain: SimulationOptions) => SimulationOptions;

export class Stage {
  options!: SimulationOptions;
  world!: ClusterWorld;
  ids!: Ids;
  told!: Told;
  traffic!: Traffic;
  /** For what a script leaves to chance: what is left of unsynced writes. */
  dice!: Dice;
  readonly #registry: Registry;
  #monitor!: Monitor;
  /** Operations of disks at which something is to happen. */
  readonly #awaited = new Set<string>();
  #formerMs = 0;

  constructor(registry: Registry = REGISTRY) {
    this.#registry = registry;
    this.open((plain) => plain);
  }

  /** A new world. What was seen of the one before is over. */
  open(settings: WorldSettings): void {
    if (this.world !== undefined) {
      this.end();
      this.#formerMs = this.simulatedMs;
    }
    const { disk, invariants } = this.#registry;
    this.options = settings(optionsOf(1, PLAIN, this.#registry));
    this.dice = stream(this.options.seed, 'script');
    this.ids = new Ids();
    this.told = new Told(this.ids);
    this.world = new ClusterWorld({
      options: this.options,
      disk,
      trace: { record: (record) => this.#note(record) },
      watch: (world) => {
        this.#monitor = new Monitor(world, invariants);
        return [this.#monitor, this.#listener()];
      },
    });
    this.traffic = new Traffic(this.world.network, (action, kind, from, to) => {
      this.told.say(action === 'drop' ? 'lost' : 'held', from, `${kind} to ${nameOf(to)}`);
    });
  }

  /** Virtual ms, of all its worlds. */
  get simulatedMs(): number {
    return this.#formerMs + this.world.nowMs;
  }

  // ---- nodes

  /** In the order of their names: those of other clusters as well. */
  get all(): readonly ClusterNode[] {
    const { nodes, strangers } = this.world;
    return [...nodes, ...strangers].sort((a, b) => a.index - b.index);
  }

  node(index: number): ClusterNode {
    const node = this.all[index];
    if (node === undefined)
      throw new ScriptError('NO_SUCH_NODE', `there is no node ${nameOf(index)}`);
    return node;
  }

  /** A node that answers. */
  live(index: number): ClusterNode {
    const node = this.node(index);
    if (node.isUp && !node.isPaused) return node;
    const why = node.isUp ? 'paused' : 'down';
    throw new ScriptError('NOT_POSSIBLE', `${nameOf(index)} is ${why}`);
  }

  nodes(set: NodeSet, but: readonly ClusterNode[] = []): readonly ClusterNode[] {
    if (set === 'all') return this.all;
    if (set === 'others') return this.all.filter((node) => !but.includes(node));
    return set.map((index) => this.node(index));
  }

  up(set: NodeSet): readonly ClusterNode[] {
    return this.nodes(set).filter((node) => node.isUp);
  }

  /** Every pair that a link means, from and to. */
  pairs({ from, to, bothWays }: LinkSet): [SimNode, SimNode][] {
    const senders = this.nodes(from);
    const pairs: [SimNode, SimNode][] = [];
    for (const sender of senders) {
      for (const receiver of this.nodes(to, senders)) {
        if (sender === receiver) continue;
        pairs.push([sender, receiver]);
        if (bothWays) pairs.push([receiver, sender]);
      }
    }
    return pairs;
  }

  /** More nodes, not started. The first ones are the cluster that is looked at; a second is another. */
  create(count: number, areStrangers: boolean): readonly ClusterNode[] {
    const { world } = this;
    for (let i = 0; i < count; i++) {
      if (areStrangers) world.createStranger();
      else world.createNode();
    }
    return this.all.slice(-count);
  }

  /** Nodes that know each other from their files. */
  startTogether(nodes: readonly ClusterNode[], roles: Roles): void {
    const rows = nodes.map(({ index, place }) => rowOf(place, idOf(index), shardOf(index)));
    startFromRows(nodes, rows, roles);
  }

  /** A node that knows nobody. */
  startAlone(node: ClusterNode): void {
    const row = rowOf({ ...node.place, host: '' }, idOf(node.index), shardOf(node.index));
    const image = new ConfImage(fromTopology(new Topology(row)));
    node.disk.replace(NODES_FILE, image, (error) => {
      if (error === null) node.start();
    });
    this.pass(START_PAUSE_MS);
  }

  /**
   * Looks at a node's disk: at the `count`-th operation of that kind from now, `strike` may do
   * something, and says how it ends; null = as it would have.
   */
  atOperation(
    { disk }: ClusterNode,
    operation: DiskOperation,
    count: number,
    strike: () => DiskOutcome | null,
  ): void {
    const former = disk.files.faults;
    const what = `${operation} number ${count} of a disk`;
    this.#awaited.add(what);
    let left = count;
    disk.files.faults = {
      outcome: (one, file) => {
        if (one !== operation || --left > 0) return former.outcome(one, file);
        disk.files.faults = former;
        this.#awaited.delete(what);
        return strike() ?? former.outcome(one, file);
      },
      delayMs: (one) => former.delayMs(one),
    };
  }

  /** Why these do not agree; null where they do. Those that are down are not asked. */
  disagreement(set: NodeSet): string | null {
    return disagreement({ nodes: this.up(set), network: this.world.network });
  }

  // ---- time

  ms({ amount, unit }: Duration): number {
    return Math.round(unit === 'ms' ? amount : amount * this.options.cluster.nodeTimeoutMs);
  }

  pass(forMs: number): void {
    this.world.run(forMs);
  }

  /** L1: what everything that heals by itself may take. */
  get patienceMs(): number {
    return convergenceBoundMs(this.options);
  }

  // ---- what is seen

  /** Nothing that happened so far is told. */
  forgetNews(): void {
    this.news();
  }

  news(): string[] {
    for (const node of this.all) if (node.core !== undefined) this.ids.learn(node.index, node.id);
    return this.told.take();
  }

  /** The end of the story: everything is looked at once more. */
  end(): void {
    this.#monitor.scanAll();
    const messages = this.traffic.pending().map(({ kind, from, to }) => {
      return `${kind} from ${nameOf(from)} to ${nameOf(to)}`;
    });
    const [first] = [...messages, ...this.#awaited];
    if (first === undefined) return;
    throw new ScriptError('NOT_SO', `what was to be struck never came: ${first}`);
  }

  /** Why a process ended by itself, or did not start, stands in the trace alone. */
  #note(record: TraceRecord): void {
    if (record.kind !== 'environment') return;
    if (record.what === 'saveFailed') this.told.say('ended', record.node, record.detail);
    if (record.what === 'recovering') this.told.say('silent', record.node, '');
    if (record.what === 'startRefused') this.told.say('refused', record.node, record.detail);
  }

  #listener(): WorldEvents {
    const { told, ids } = this;
    return {
      started: (node) => ids.learn(node.index, node.id),
      noticed: (node, notice) => told.notice(node.index, notice),
      sending: (node, link, message) => {
        const wire = (node as ClusterNode).wires.get(link);
        if (wire === undefined) return;
        const peer = wire.from === node ? wire.to : wire.from;
        told.sent(node.index, message, nameOf(peer.index));
      },
      executed: (node) => ids.learn(node.index, node.id),
    };
  }
}

function shardOf(index: number): string {
  return idOf(index).replace(/0$/, '5');
}

/** An error of a package or an invariant, as the script's own; its own ones as they are. */
export function asScriptError(error: unknown, line: number): ScriptError {
  if (error instanceof ScriptError && error.line !== 0) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ScriptError) return new ScriptError(error.code, message, line, error);
  if (error instanceof InvariantError) {
    return new ScriptError('INVARIANT', `${error.invariant}: ${message}`, line, error);
  }
  return new ScriptError('INVARIANT', message, line, error);
}
