// A run: the nodes become a cluster; faults, operators and clients are let loose on it, while every
// step is checked; then everything heals, and the cluster must come to rest within the bounds, and
// stay there. All phases are events of the world's schedule, so that how often the driver looks in
// between makes no difference.

import type { SlotSet } from '@slotmesh/crc16-slots';
import { FaultDriver } from './faults/driver.ts';
import { formCluster, makeReplicas } from './forming.ts';
import type { Verdict } from './invariants/invariant.ts';
import { InvariantError, Monitor } from './invariants/monitor.ts';
import { replicationGap } from './invariants/q05-replicas-hold-the-same.ts';
import { orphan } from './invariants/q06-orphans-get-a-replica.ts';
import {
  convergenceBoundMs,
  formationBoundMs,
  migrationBoundMs,
  rediscoveryMs,
  replicationBoundMs,
  restMs,
} from './liveness/bounds.ts';
import { electionsMax, replacementBoundMs, unserved, victims } from './liveness/drill.ts';
import { disagreement } from './liveness/quiescence.ts';
import { changed, hasNothing, stateOf, unsaved } from './liveness/restart.ts';
import { OperatorDriver } from './operators/driver.ts';
import { adopt, bringForward, repair } from './operators/repair.ts';
import type { SimulationOptions } from './options.ts';
import { REGISTRY, type Registry } from './registry.ts';
import type { TraceSink } from './trace/trace-sink.ts';
import { WorkloadDriver } from './workload/driver.ts';
import { publishEverywhere } from './workload/publishes.ts';
import { ClusterWorld } from './world/cluster-world.ts';
import { NODES_FILE } from './world/nodes-file.ts';

/** Virtual time between two looks whether the cluster agrees. */
const LOOK_EVERY_MS = 200;

export type Phase =
  | 'forming'
  | 'faulty'
  | 'healing'
  | 'resting'
  | 'drilling'
  | 'restarting'
  | 'over';

/** Why a run failed. */
export interface Failure {
  /** 'A1', 'L1'...; 'error' = a package threw. */
  readonly invariant: string;
  readonly message: string;
  /** -1 = not one node's alone. */
  readonly node: number;
  /** Virtual ms since the run began. */
  readonly atMs: number;
  readonly event: number;
  readonly phase: Phase;
  /** What was thrown. */
  readonly error: unknown;
}

export interface RunResult {
  readonly options: SimulationOptions;
  /** Two runs are the same run if it is the same. */
  readonly hash: string;
  readonly events: number;
  /** Virtual ms. */
  readonly simulatedMs: number;
  readonly messages: number;
  readonly strikes: ReadonlyMap<string, number>;
  readonly commands: ReadonlyMap<string, number>;
  readonly acknowledgedWrites: number;
  /** Where there is no lease: the longest time for which two nodes took writes to one slot in turns, ms. */
  readonly writeOverlapMs: number;
  /** Acknowledged writes that are gone, by cause. */
  readonly lostWrites: ReadonlyMap<string, number>;
  /** From the end of the faults, and of bans, until all agreed, virtual ms; null if the run did not get there. */
  readonly convergedMs: number | null;
  readonly failure: Failure | null;
}

export interface SimulationParts {
  readonly registry?: Registry;
  readonly trace?: TraceSink;
}

export class Simulation {
  readonly world: ClusterWorld;
  phase: Phase = 'forming';
  readonly #options: SimulationOptions;
  readonly #monitor: Monitor;
  readonly #faults: FaultDriver;
  readonly #operators: OperatorDriver;
  readonly #workloads: WorkloadDriver;
  #convergedMs: number | null = null;
  #failure: Failure | null = null;

  constructor(options: SimulationOptions, parts: SimulationParts = {}) {
    const registry = parts.registry ?? REGISTRY;
    this.#options = options;
    let monitor: Monitor | undefined;
    this.world = new ClusterWorld({
      options,
      disk: registry.disk,
      trace: parts.trace ?? null,
      watch: (world) => {
        monitor = new Monitor(world, registry.invariants);
        return [monitor];
      },
    });
    this.#monitor = monitor as Monitor;
    this.#faults = new FaultDriver(this.world, registry.faults);
    this.#operators = new OperatorDriver(this.world, registry.operators);
    this.#workloads = new WorkloadDriver(this.world, registry.workloads);
    this.world.after(0, () => this.#form());
  }

  /** Lets up to so many events happen; false: the run is over. */
  advance(eventsMax: number): boolean {
    try {
      for (let i = 0; i < eventsMax && this.phase !== 'over'; i++) this.world.step();
    } catch (error) {
      this.#fail(error);
    }
    return this.phase !== 'over';
  }

  /** Runs to the end, in batches of so many events. */
  run(batch = 10_000): RunResult {
    while (this.advance(batch)) {
      // Everything happens in there.
    }
    return this.result();
  }

  result(): RunResult {
    const { world } = this;
    return {
      options: this.#options,
      hash: world.hash.digest(),
      events: world.events,
      simulatedMs: world.nowMs,
      messages: world.network.delivered,
      strikes: world.strikes,
      commands: world.ghost.commands,
      acknowledgedWrites: world.ghost.acknowledgedWrites,
      writeOverlapMs: world.ghost.writeOverlapMs,
      lostWrites: world.ghost.lostWrites,
      convergedMs: this.#convergedMs,
      failure: this.#failure,
    };
  }

  // ---- the phases

  #enter(phase: Phase): void {
    this.phase = phase;
    this.world.note('phase', phase);
  }

  #form(): void {
    formCluster(this.world);
    const boundMs = formationBoundMs(this.#options);
    this.#awaitAgreement('L6', boundMs, () => {
      const ask = (): Verdict => (makeReplicas(this.world) ? null : 'replicas are not in step');
      this.#await('L6', replicationBoundMs(this.#options), ask, () => {
        this.#awaitAgreement('L6', boundMs, () => this.#attack());
      });
    });
  }

  #attack(): void {
    this.#enter('faulty');
    this.#faults.start();
    this.#operators.start();
    this.#workloads.start();
    this.world.after(this.#options.faultyMs, () => this.#heal());
  }

  #heal(): void {
    this.#enter('healing');
    const { world } = this;
    this.#operators.stop();
    this.#workloads.stop();
    this.#faults.heal();
    world.network.heal();
    for (const node of world.nodes) {
      node.disk.heal();
      // Whoever waits for it does so no longer.
      if (node.isShuttingDown) node.stop('killed', world.dice('healing'));
      if (!node.start()) this.#startAnew(node);
      node.resume();
    }
    this.#endDoubles();
    // Bans are orders that are still being carried out.
    world.after(Math.max(0, world.ghost.bannedUntilMs - world.nowMs), () => this.#converge());
  }

  #converge(): void {
    const { world } = this;
    if (world.options.beyond.includes('bus')) {
      // What a liar has told stays told: nobody promises that such tables ever agree again.
      world.after(convergenceBoundMs(this.#options), () => {
        this.#monitor.scanAll();
        this.#enter('over');
      });
      return;
    }
    // Whom an operator introduces to a node that keeps silent is not answered.
    if (world.upNodes().some(({ core, clock }) => core.isSilent(clock.read(world.nowMs)))) {
      world.after(200, () => this.#converge());
      return;
    }
    const isRewound = world.ghost.rewound.size > 0;
    repair(world);
    if (!isRewound) {
      this.#awaitConvergence();
      return;
    }
    // They have to hear of each other first.
    world.after(convergenceBoundMs(this.#options), () => {
      bringForward(world);
      this.#awaitConvergence();
    });
  }

  #awaitConvergence(): void {
    const { world } = this;
    const healedMs = world.nowMs;
    const boundMs = convergenceBoundMs(this.#options) + rediscoveryMs(world);
    this.#awaitAgreement('L1', boundMs, () => {
      this.#convergedMs = world.nowMs - healedMs;
      this.#awaitReplicas(() => this.#rest());
    });
  }

  /** Q6, then Q5: replicas have found their places, and have what their primaries have. */
  #awaitReplicas(then: () => void): void {
    const { world } = this;
    const boundMs = replicationBoundMs(this.#options);
    const gap = (): Verdict => replicationGap(world);
    this.#await('Q5', boundMs, gap, () => {
      this.#await(
        'Q6',
        migrationBoundMs(world),
        () => orphan(world),
        () => {
          this.#awaitAgreement('L1', convergenceBoundMs(this.#options), () => {
            this.#await('Q5', boundMs, gap, then);
          });
        },
      );
    });
  }

  /** Two of one name, started from copies of one file: an operator keeps the first. */
  #endDoubles(): void {
    const ids = new Set<string>();
    for (const node of this.world.nodes) {
      if (ids.has(node.id)) {
        node.stop('killed', this.world.dice('doubles'));
        this.#startAnew(node);
      }
      ids.add(node.id);
    }
  }

  /** Its file is of no use: an operator takes it away, and the node is a new one. */
  #startAnew(node: ClusterWorld['nodes'][number]): void {
    node.disk.remove(NODES_FILE);
    node.loseDataFile();
    node.start();
  }

  #rest(): void {
    this.#enter('resting');
    this.#monitor.atRest();
    this.world.after(restMs(this.#options), () => {
      const verdict = disagreement(this.world);
      if (verdict !== null) throw new InvariantError('L1', -1, `did not stay at rest: ${verdict}`);
      this.#monitor.atRest();
      this.#drill();
    });
    this.world.after(restMs(this.#options) / 2, () => publishEverywhere(this.world));
  }

  /** L2 to L4: some voters are killed together, in half of the runs that have replicas. */
  #drill(): void {
    const { world } = this;
    const dice = world.dice('drill');
    const isServed = world.nodes[0].topology.clusterState === 'ok';
    const killed = isServed && dice.chance(0.5) ? victims(world, dice) : [];
    if (killed.length === 0) {
      this.#restart();
      return;
    }
    this.#enter('drilling');
    const slots = killed.flatMap(({ topology }) => endsOf(topology.slotsOf(topology.self)));
    const replicas = killed.map(({ topology }) => topology.replicasOf(topology.self).length);
    for (const node of killed) node.stop('killed', dice);
    world.note('drill', killed.map(({ index }) => index).join(' '));
    const boundMs = replacementBoundMs(this.#options, killed.length, Math.max(...replicas));
    const { elections } = world.ghost;
    const before = elections.count;
    const name = killed.length === 1 ? 'L2' : 'L3';
    this.#await(
      name,
      boundMs,
      () => unserved(world, slots),
      () => {
        const count = elections.count - before;
        if (count > electionsMax(replicas)) {
          throw new InvariantError('L4', -1, `${count} elections for ${killed.length} primaries`);
        }
        for (const node of killed) node.start();
        this.#awaitAgreement('L1', convergenceBoundMs(this.#options), () => {
          this.#awaitReplicas(() => {
            // What is still to be saved takes its time.
            world.after(restMs(this.#options), () => {
              // They had everything, and nobody writes: nothing is lost.
              this.#monitor.atRest();
              this.#restart();
            });
          });
        });
      },
    );
  }

  /** Q8: every node ends at once, and all are what they were. */
  #restart(): void {
    const { world } = this;
    const { nodes } = world;
    if (nodes.some(hasNothing)) {
      this.#monitor.scanAll();
      this.#enter('over');
      return;
    }
    this.#enter('restarting');
    let unsavedData = nodes.length;
    for (const node of nodes) {
      node.execute({ kind: 'saveConfig' });
      // Whoever comes back without its data would leave its place to its replicas.
      node.saveData(() => unsavedData--);
    }
    const boundMs = convergenceBoundMs(this.#options);
    this.#await(
      'Q8',
      boundMs,
      () => unsaved(nodes) ?? (unsavedData > 0 ? 'data are not saved' : null),
      () => {
        const states = nodes.map(({ topology }) => stateOf(topology));
        const verify = (): void => {
          nodes.forEach((node, i) => {
            const fault = changed(states[i], stateOf(node.topology));
            if (fault !== null)
              throw new InvariantError('Q8', node.index, `was restarted, and ${fault}`);
          });
        };
        const dice = world.dice('restart');
        const end = dice.chance(0.5) ? 'killed' : 'powerLost';
        for (const node of nodes) node.stop(end, dice);
        for (const node of nodes) {
          if (!node.start()) throw new InvariantError('Q8', node.index, 'did not start again');
        }
        verify();
        this.#awaitAgreement('Q8', boundMs, () => {
          verify();
          this.#monitor.scanAll();
          this.#enter('over');
        });
      },
    );
  }

  /** Looks again and again whether all agree; too late is a failure by that name. */
  #awaitAgreement(bound: string, boundMs: number, then: () => void): void {
    const { world } = this;
    const startMs = world.nowMs;
    const ask = (): Verdict => {
      const isFormed = world.upNodes().length === this.#options.nodes || this.phase !== 'forming';
      if (this.phase === 'healing') adopt(world, startMs);
      return isFormed ? disagreement(world) : 'not all nodes have started';
    };
    this.#await(bound, boundMs, ask, then);
  }

  #await(bound: string, boundMs: number, ask: () => Verdict, then: () => void): void {
    const { world } = this;
    const endMs = world.nowMs + boundMs;
    const look = (): void => {
      const verdict = ask();
      if (verdict === null) {
        then();
        return;
      }
      if (world.nowMs >= endMs) {
        throw new InvariantError(bound, -1, `no agreement within ${boundMs} ms: ${verdict}`);
      }
      world.after(LOOK_EVERY_MS, look);
    };
    look();
  }

  #fail(error: unknown): void {
    const { world, phase } = this;
    const isInvariant = error instanceof InvariantError;
    this.#failure = {
      invariant: isInvariant ? error.invariant : 'error',
      message: error instanceof Error ? error.message : String(error),
      node: isInvariant ? error.node : -1,
      atMs: world.nowMs,
      event: world.events,
      phase,
      error,
    };
    this.phase = 'over';
  }
}

/** The first and the last slot of each run of them. */
function endsOf(slots: SlotSet): number[] {
  return slots.ranges().flatMap(({ start, end }) => [start, end]);
}
