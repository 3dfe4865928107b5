// One machine of failover over a table that the test fills, with its hands free.

import type { BareMessage, BusHeader } from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import { type Random, seededRandom } from '@slotmesh/machine';
import { type NodeIndex, Topology } from '@slotmesh/topology';
import {
  Failover,
  type FailoverEffect,
  type FailoverFacts,
  type FailoverInput,
  type FailoverOptions,
} from '../src/index.ts';

export const NODE_TIMEOUT_MS = 2000;

export const OPTIONS: FailoverOptions = {
  nodeTimeoutMs: NODE_TIMEOUT_MS,
  replicaNoFailover: false,
  replicaValidityFactor: 10,
  allowReplicaMigration: true,
  migrationBarrier: 1,
  replPingPeriodMs: 10_000,
  manualFailoverTimeoutMs: 5000,
  electionStrategy: 'redis',
  lease: true,
};

export const START_MS = 1_700_000_000_000;

export function id(letter: string): string {
  return letter.repeat(40);
}

function address(letter: string) {
  return { host: `10.0.0.${letter.charCodeAt(0)}`, port: 7000, altPort: 0, busPort: 17_000 };
}

/** What the outside would answer; a test changes it. */
export class Facts implements FailoverFacts {
  offset = 0;
  heardMs: number | null = START_MS;
  loading = false;
  keys = 0;
  replicationOffset = (): number => this.offset;
  primaryLinkUp = (): boolean => true;
  lastPrimaryInteractionMs = (): number | null => this.heardMs;
  isLoading = (): boolean => this.loading;
  keyCount = (): number => this.keys;
  /** All of them are in one slot. */
  keySlot = 0;
  keyCountInSlot = (slot: number): number => (slot === this.keySlot ? this.keys : 0);
}

/** Three voters a, b and c with a third of the slots each, and config epochs 1, 2 and 3. */
export function threeShards(self: string): Topology {
  const topology = new Topology({
    id: id(self),
    address: address(self),
    createdMs: START_MS,
    shardId: id(self),
  });
  for (const letter of 'abc') addPrimary(topology, letter);
  ['0-5460', '5461-10922', '10923-16383'].forEach((range, i) => {
    const node = topology.find(id('abc'[i]));
    topology.assignSlots(SlotSet.parse(range), node);
    topology.setConfigEpoch(node, i + 1);
  });
  return topology;
}

function addPrimary(topology: Topology, letter: string): void {
  if (topology.find(id(letter)) !== -1) return;
  const entry = { id: id(letter), address: address(letter), createdMs: START_MS };
  topology.addNode({ ...entry, shardId: id(letter) });
}

export function addReplica(topology: Topology, letter: string, primary: string): NodeIndex {
  addPrimary(topology, letter);
  const node = topology.find(id(letter));
  topology.setReplicaOf(node, topology.find(id(primary)));
  return node;
}

export function header(topology: Topology, sender: string, fields: Partial<BusHeader> = {}) {
  const node = topology.find(id(sender));
  const primary = topology.primaryOf(node);
  const head = primary === -1 ? node : primary;
  return {
    sender: id(sender),
    currentEpoch: topology.currentEpoch,
    configEpoch: topology.configEpochOf(head),
    offset: 0,
    slots: topology.slotsOf(head),
    replicaOf: primary === -1 ? null : topology.idOf(primary),
    host: '',
    port: 7000,
    altPort: 0,
    busPort: 17_000,
    flags: 0,
    clusterState: 'ok' as const,
    messageFlags: 0,
    ...fields,
  };
}

export class Bench {
  nowMs = START_MS;
  readonly topology: Topology;
  readonly facts = new Facts();
  readonly failover: Failover;
  #effects: FailoverEffect[] = [];

  constructor(topology: Topology, options: Partial<FailoverOptions> = {}, random?: Random) {
    this.topology = topology;
    topology.clusterState = 'ok';
    this.failover = new Failover({
      topology,
      options: { ...OPTIONS, ...options },
      random: random ?? seededRandom(1),
      facts: this.facts,
      nowMs: this.nowMs,
    });
  }

  node(letter: string): NodeIndex {
    return this.topology.find(id(letter));
  }

  /** One input and the end of its batch. */
  input(input: FailoverInput): FailoverEffect[] {
    this.failover.step(this.nowMs, input, this.sink);
    return this.settle();
  }

  settle(): FailoverEffect[] {
    this.failover.settle(this.nowMs, this.sink);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  readonly sink = { push: (effect: FailoverEffect): number => this.#effects.push(effect) };

  message(
    kind: BareMessage['kind'],
    sender: string,
    fields: Partial<BusHeader> = {},
  ): FailoverEffect[] {
    const head = header(this.topology, sender, fields);
    // As gossip does before anybody else sees it.
    this.topology.currentEpoch = Math.max(this.topology.currentEpoch, head.currentEpoch);
    return this.input({
      kind: 'message',
      sender: this.node(sender),
      message: { kind, header: head },
    });
  }

  /** Ticks for a while; what was done meanwhile. */
  run(forMs: number): FailoverEffect[] {
    const effects: FailoverEffect[] = [];
    for (let ms = 0; ms < forMs; ms += 100) {
      this.nowMs += 100;
      effects.push(...this.input({ kind: 'tick' }));
    }
    return effects;
  }

  /** A node fails, and this one has noticed. */
  fail(letter: string): void {
    this.topology.setPingSent(this.node(letter), this.nowMs - NODE_TIMEOUT_MS - 1);
    this.topology.markFail(this.node(letter), this.nowMs);
  }
}

/** Effects in short: "persist", "tell failoverAuthRequest everybody", "electionWon". */
export function short(effects: readonly FailoverEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.kind === 'notice') return effect.notice.kind;
    if (effect.kind === 'tell') {
      const flags = effect.messageFlags === 0 ? '' : ` flags=${effect.messageFlags}`;
      return `tell ${effect.message} ${effect.to}${flags}`;
    }
    return effect.kind;
  });
}
