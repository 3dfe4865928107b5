// The life of one cluster of a given size, for the bench of growth: one node meets all others, gossip
// does the rest; a tenth loses its power, and is found to have failed; it returns, and the cluster
// comes to rest. What each of these phases takes, in virtual time and in real cost.

import assert from 'node:assert/strict';
import { busMessageBytes } from '@slotmesh/cluster-bus';
import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { NO_NODE } from '@slotmesh/topology';
import { TICK_MS } from '../src/clock/node-clock.ts';
import {
  ClusterWorld,
  disagreement,
  optionsOf,
  REGISTRY,
  type SimNode,
  type SimulationOptions,
  type WorldEvents,
} from '../src/index.ts';
import { Monitor } from '../src/invariants/monitor.ts';
import { NoTraceHash } from '../src/trace/trace-hash.ts';
import type { Phase, PhaseFigures, RunFigures, ScaleCase, ScaleFigures } from './scale-figures.ts';

const NODE_TIMEOUT_MS = 15_000;
/** Up to so many nodes every step is checked; the checks of a larger cluster would outweigh it. */
const CHECKED_NODES_MAX = 100;
/** Tables that are checked at the end of each phase in a cluster whose steps are not. */
const TABLES_CHECKED = 30;
/** A cluster at rest is watched for this long: as long as its pings need to come round. */
const RESTING_MS = NODE_TIMEOUT_MS / 2;
/** Nodes are left alone for so long before they meet: epochs are set, and saved. */
const BEFORE_MEETING_MS = 1000;
/** How often the cluster is looked at: whether a large one agrees takes long to say. */
const LOOK_EVERY_MS = { small: 100, large: 500 };
/** No phase may take longer. */
const PHASE_MS_MAX = 10 * NODE_TIMEOUT_MS;

/** Is told of each phase when it is over. */
export type TellPhase = (figures: PhaseFigures) => void;

/** Runs a cluster through all phases. Throws an AssertionError if one of them does not come to its end. */
export function runScale(
  scaleCase: ScaleCase,
  seed: number,
  tell: TellPhase = () => {},
): ScaleFigures {
  const startCpu = process.cpuUsage();
  const cluster = new ScaleCluster(scaleCase, seed, tell);
  const phases = cluster.live();
  const { user, system } = process.cpuUsage(startCpu);
  const { world, traffic, isChecked } = cluster;
  const run: RunFigures = {
    ...scaleCase,
    checked: isChecked ? 'every step' : 'every phase',
    simulatedS: round(world.nowMs / 1000),
    messages: traffic.messages,
    cpuS: round((user + system) / 1e6),
    peakMib: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  return { phases, runs: [run] };
}

/** A local network, ordinary disks, and nothing that goes wrong beside what the bench does. */
function calmOptions({ nodes, lease }: ScaleCase, seed: number): SimulationOptions {
  return optionsOf(seed, {
    nodes,
    voters: nodes,
    codec: false,
    cluster: {
      nodeTimeoutMs: NODE_TIMEOUT_MS,
      lease: lease === 'on',
      requireFullCoverage: true,
      blacklistTtlS: 60,
    },
    delay: { minMs: 1, meanMs: 2 },
    clockRate: { min: 0.999, max: 1.001 },
    disk: { minMs: 5, meanMs: 20 },
    beyond: [],
    faults: [],
    workloads: [],
  });
}

/** Counts what is handed to the network. */
class Traffic implements WorldEvents {
  messages = 0;
  bytes = 0;

  sending: NonNullable<WorldEvents['sending']> = (_node, _link, message) => {
    this.messages++;
    this.bytes += busMessageBytes(message);
  };
}

class ScaleCluster {
  readonly world: ClusterWorld;
  readonly traffic: Traffic = new Traffic();
  readonly isChecked: boolean;
  readonly #case: ScaleCase;
  readonly #tell: TellPhase;
  #monitor: Monitor | null = null;

  constructor(scaleCase: ScaleCase, seed: number, tell: TellPhase) {
    this.#case = scaleCase;
    this.#tell = tell;
    this.isChecked = scaleCase.nodes <= CHECKED_NODES_MAX;
    this.world = new ClusterWorld({
      options: calmOptions(scaleCase, seed),
      disk: REGISTRY.disk,
      hash: new NoTraceHash(),
      keepsAnswers: this.isChecked,
      watch: (world) => {
        if (!this.isChecked) return [this.traffic];
        this.#monitor = new Monitor(world, REGISTRY.invariants);
        return [this.traffic, this.#monitor];
      },
    });
  }

  live(): PhaseFigures[] {
    const { world } = this;
    const nodes = this.#deal();
    const lost = nodes.filter((_, i) => i % 10 === 9);
    const left = nodes.filter((_, i) => i % 10 !== 9);
    const isAgreed = agreement(world);
    const phases = [
      this.#phase('forming', isAgreed, () => meetAll(nodes)),
      this.#phase('resting', isAgreed, () => world.run(RESTING_MS)),
      this.#phase('losing', allFailed(left, lost), () => {
        for (const node of lost) node.stop('powerLost', world.dice(`losing/${node.index}`));
      }),
      this.#phase('returning', isAgreed, () => {
        for (const node of lost) assert.ok(node.start());
      }),
    ];
    this.#monitor?.atRest();
    return phases;
  }

  /**
   * Nodes that know nobody, each with its share of the slots and an epoch of its own. They start within
   * a tick, evenly: nodes whose ticks all come in the same millisecond, as those of no real cluster do,
   * have a hundred thousand first messages under way at once, with ten million gossip entries.
   */
  #deal(): SimNode[] {
    const { world } = this;
    const { nodes: size } = this.#case;
    const nodes: SimNode[] = [];
    while (nodes.length < size) {
      nodes.push(world.addNode());
      const dueMs = Math.floor((nodes.length * TICK_MS) / size);
      if (dueMs > world.nowMs) world.run(dueMs - world.nowMs);
    }
    const edge = (i: number): number => Math.floor((i * SLOT_COUNT) / size);
    nodes.forEach((node, i) => {
      const length = edge(i + 1) - edge(i);
      const slots = Array.from({ length }, (_, k) => edge(i) + k);
      assert.ok(node.execute({ kind: 'addSlots', slots }).ok);
      assert.ok(node.execute({ kind: 'setConfigEpoch', epoch: i + 1 }).ok);
    });
    world.run(BEFORE_MEETING_MS);
    return nodes;
  }

  /** Lets something happen, and waits for what comes of it. */
  #phase(phase: Phase, isOver: () => boolean, act: () => void): PhaseFigures {
    const { world, traffic } = this;
    const { nowMs } = world;
    const { messages, bytes } = traffic;
    act();
    while (!isOver()) {
      assert.ok(world.nowMs - nowMs < PHASE_MS_MAX, `${phase}: ${disagreement(world)}`);
      world.run(this.isChecked ? LOOK_EVERY_MS.small : LOOK_EVERY_MS.large);
    }
    const up = world.upNodes();
    for (const node of up.slice(0, TABLES_CHECKED)) node.core.invariants();
    const figures: PhaseFigures = {
      ...this.#case,
      phase,
      seconds: round((world.nowMs - nowMs) / 1000),
      messagesPerNode: round((traffic.messages - messages) / this.#case.nodes),
      kibPerNode: round((traffic.bytes - bytes) / this.#case.nodes / 1024),
    };
    this.#tell(figures);
    return figures;
  }
}

/** The first node meets all others; who they are they learn from it, and from each other. */
function meetAll([first, ...others]: readonly SimNode[]): void {
  for (const { place } of others) {
    const { host, port } = place;
    assert.ok(first.execute({ kind: 'meet', host, port, busPort: port + 10_000 }).ok);
  }
}

/** Whether all tables say the same, that the cluster is served among it. */
function agreement(world: ClusterWorld): () => boolean {
  const { nodes } = world;
  const isReady = ({ topology }: SimNode): boolean =>
    topology.clusterState === 'ok' && topology.size === nodes.length;
  // Most looks find somebody who is not there yet: whoever it was last is asked first.
  let suspect = 0;
  return () => {
    if (!isReady(nodes[suspect])) return false;
    const other = nodes.findIndex((node) => !isReady(node));
    suspect = Math.max(0, other);
    return other === -1 && disagreement(world) === null;
  };
}

/** Whether everybody who is left knows of everybody who is lost. */
function allFailed(left: readonly SimNode[], lost: readonly SimNode[]): () => boolean {
  return () => {
    const ids = lost.map(({ id }) => id);
    return left.every(({ topology }) =>
      ids.every((id) => {
        const node = topology.find(id);
        return node !== NO_NODE && topology.isFail(node);
      }),
    );
  };
}

/** Tenths are as much as a figure of one run says. */
function round(value: number): number {
  return Number(value.toFixed(1));
}
