// One node of the simulated cluster: a ClusterCore, its disk, its keys, and what the outside saw of
// it.

import assert from 'node:assert/strict';
import type { PingMessage } from '@slotmesh/cluster-bus';
import { NodeFlag } from '@slotmesh/cluster-bus';
import { seededRandom } from '@slotmesh/machine';
import { NO_NODE, type NodeAddress, type NodeIndex, Topology } from '@slotmesh/topology';
import {
  ClusterCore,
  type ClusterEffect,
  type ClusterInput,
  type ClusterNotice,
  type ClusterOptions,
  type OperatorCommand,
  type OperatorOutcome,
} from '../../src/index.ts';
import { DEFAULTS } from './defaults.ts';
import type { SimCluster } from './sim-cluster.ts';
import { load, type Snapshot, save } from './snapshot.ts';

export class SimNode {
  readonly index: number;
  host: string;
  port = 7000;
  isUp = true;
  isPaused = false;
  /** Goes up with each start: what was meant for an earlier life does not arrive. */
  life = 1;
  /** What replication would say. */
  offset = 0;
  /** Set by a test: how old its data is, whatever the model says. */
  dataAgeMs: number | null = null;
  #primaryHeardMs: number | null = null;
  isLoading = false;
  /** What replication was told: "follow 2", "promote", "pauseWrites". */
  readonly roles: string[] = [];
  core: ClusterCore;
  disk: Snapshot;
  readonly keys = new Map<number, number>();
  readonly notices: ClusterNotice[] = [];
  readonly delivered: string[] = [];
  readonly lostSlots: number[] = [];
  readonly #sim: SimCluster;
  #options: ClusterOptions;
  #effects: ClusterEffect[] = [];
  #epoch = 0;
  /** A config epoch of this node that is known to be on its disk. */
  #savedEpoch = 0;
  /** Who told this node that whom is failing, and when: a dumb copy of the failure reports. */
  readonly #heard = new Map<string, Map<string, number>>();

  constructor(sim: SimCluster, index: number, options: Partial<ClusterOptions>) {
    this.#sim = sim;
    this.index = index;
    this.host = `10.0.${index >> 8}.${(index & 255) + 1}`;
    this.#options = { ...DEFAULTS, ...options };
    const topology = new Topology({
      id: hexId(sim, index),
      address: { host: '', port: this.port, altPort: 0, busPort: this.port + 10000 },
      createdMs: sim.nowMs,
      shardId: hexId(sim, index + 500_000),
    });
    this.disk = save(topology);
    this.core = this.#boot(topology);
  }

  #boot(topology: Topology): ClusterCore {
    this.#epoch = topology.currentEpoch;
    return new ClusterCore({
      topology,
      options: this.#options,
      random: seededRandom(this.#sim.random.uint32()),
      nowMs: this.#sim.nowMs,
      facts: {
        keyCountInSlot: (slot) => this.keys.get(slot) ?? 0,
        keyCount: () => [...this.keys.values()].reduce((sum, count) => sum + count, 0),
        replicationOffset: () => this.offset,
        primaryLinkUp: () => true,
        lastPrimaryInteractionMs: () =>
          this.dataAgeMs === null ? this.#primaryHeardMs : this.#sim.nowMs - this.dataAgeMs,
        isLoading: () => this.isLoading,
      },
    });
  }

  get topology(): Topology {
    return this.core.topology;
  }

  get id(): string {
    return this.topology.idOf(this.topology.self);
  }

  get state(): 'ok' | 'fail' {
    return this.topology.clusterState;
  }

  isAt(address: NodeAddress): boolean {
    return address.host === this.host && address.busPort === this.port + 10000;
  }

  /** How this node knows another one. */
  view(other: SimNode | string): NodeIndex {
    return this.topology.find(typeof other === 'string' ? other : other.id);
  }

  knows(other: SimNode): boolean {
    return this.view(other) !== NO_NODE;
  }

  // ---- in and out
  // ----------------------------------------------------------------------------------------------

  input(input: ClusterInput): void {
    if (input.kind === 'message') this.#remember(input.message as PingMessage);
    if (input.kind === 'tick' && this.#isReplicating()) this.#primaryHeardMs = this.#sim.nowMs;
    this.core.step(this.#sim.nowMs, input, this.#sink);
    this.#settle();
  }

  /** Replication has connections of its own, to a primary that is up and knows that it is one. */
  #isReplicating(): boolean {
    const { primary } = this;
    return primary?.isUp === true && primary.isPrimary && !this.#sim.areCut(this, primary);
  }

  execute(command: OperatorCommand): OperatorOutcome {
    const outcome = this.core.execute(this.#sim.nowMs, command, this.#sink);
    if (command.kind === 'reset' && outcome.ok) {
      this.#epoch = 0;
      this.#savedEpoch = 0;
    }
    this.#settle();
    return outcome;
  }

  /** A command that must succeed. */
  order(command: OperatorCommand): string {
    const { ok, text } = this.execute(command);
    assert.ok(ok, text);
    return text;
  }

  meet(other: SimNode): void {
    const { host, port } = other;
    this.order({ kind: 'meet', host, port, busPort: port + 10000 });
  }

  configure(options: Partial<ClusterOptions>): void {
    this.#options = { ...this.#options, ...options };
    this.core.options = this.#options;
  }

  readonly #sink = { push: (effect: ClusterEffect): number => this.#effects.push(effect) };

  #settle(): void {
    const { core } = this;
    core.settle(this.#sim.nowMs, this.#sink);
    // The line about the node is made where it is needed only: this runs after every event.
    if (core.topology.currentEpoch < this.#epoch)
      assert.fail(`${this.describe()}: epoch went back`);
    this.#epoch = core.topology.currentEpoch;
    if (this.#sim.isCheckDue()) core.invariants();
    const effects = this.#effects;
    this.#effects = [];
    if (effects.some((effect) => effect.kind === 'persist')) this.disk = save(core.topology);
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: ClusterEffect): void {
    switch (effect.kind) {
      case 'persist':
        break;
      case 'send':
        this.#checkSent(effect);
        this.#sim.send(this, effect.link, effect.message);
        break;
      case 'connect':
        this.#sim.connect(this, effect.link, effect.address);
        break;
      case 'disconnect':
        this.#sim.disconnect(this, effect.link);
        break;
      case 'deliver':
        this.delivered.push(
          `${effect.sharded ? 'sharded ' : ''}${text(effect.channel)} ${text(effect.message)}`,
        );
        break;
      case 'follow':
        this.roles.push(`follow ${this.#sim.byId(effect.id)?.index}`);
        this.#primaryHeardMs = null;
        break;
      case 'promote':
      case 'pauseWrites':
      case 'resumeWrites':
        this.roles.push(effect.kind);
        break;
      case 'emptyData':
        this.roles.push(effect.kind);
        this.keys.clear();
        break;
      case 'slotsLost':
        this.lostSlots.push(...effect.slots);
        if (effect.deleteKeys) for (const slot of effect.slots) this.keys.delete(slot);
        break;
      case 'notice':
        this.#checkNotice(effect.notice);
        this.#sim.watch.onNotice(this, effect.notice);
        this.notices.push(effect.notice);
        break;
      default:
        throw new Error(`what is ${JSON.stringify(effect satisfies never)}?`);
    }
  }

  /**
   * A new config epoch of this node is on its disk before the first message that carries it (A3).
   */
  #checkSent(effect: ClusterEffect & { kind: 'send' }): void {
    this.#sim.watch.onSend(this, effect.message, this.#sim.receiverOf(this, effect.link));
    const { header } = effect.message;
    if (header === null || header.replicaOf !== null) return;
    if (header.configEpoch <= this.#savedEpoch) return;
    const saved = this.disk.nodes.find((node) => node.id === header.sender);
    this.#savedEpoch = saved?.configEpoch ?? 0;
    if (header.configEpoch > this.#savedEpoch) {
      assert.fail(
        `${this.describe()}: config epoch ${header.configEpoch} was sent before it was saved`,
      );
    }
  }

  #remember(message: PingMessage): void {
    if (message.gossip === undefined) return;
    const sender = this.topology.find(message.header.sender);
    for (const entry of message.gossip) {
      const heard = this.#heard.get(entry.node);
      if ((entry.flags & (NodeFlag.pfail | NodeFlag.fail)) === 0) {
        heard?.delete(message.header.sender);
      } else if (sender === NO_NODE) {
        // A stranger's word counts for nothing.
      } else if (heard === undefined) {
        this.#heard.set(entry.node, new Map([[message.header.sender, this.#sim.nowMs]]));
      } else {
        heard.set(message.header.sender, this.#sim.nowMs);
      }
    }
  }

  /**
   * FAIL without a FAIL message needs the word of a majority of the voters, within two node
   * timeouts (A15).
   */
  #checkNotice(notice: ClusterNotice): void {
    if (notice.kind !== 'nodeFailed' || notice.reporter !== null) return;
    const { topology } = this;
    const voters = [...topology.nodes()].filter((node) => topology.isVoter(node));
    const oldestMs = this.#sim.nowMs - 2 * this.#options.nodeTimeoutMs;
    let votes = topology.isVoter(topology.self) ? 1 : 0;
    for (const [reporter, atMs] of this.#heard.get(notice.id) ?? []) {
      const node = topology.find(reporter);
      if (node !== NO_NODE && topology.isVoter(node) && atMs >= oldestMs) votes++;
    }
    assert.ok(
      votes >= Math.floor(voters.length / 2) + 1,
      `${this.describe()}: ${notice.id} failed with ${votes} of ${voters.length} voters`,
    );
  }

  // ---- life
  // ----------------------------------------------------------------------------------------------------

  get isPrimary(): boolean {
    return this.topology.isPrimary(this.topology.self);
  }

  /** Clients wait, because it hands over. */
  get isWritePaused(): boolean {
    return this.roles.lastIndexOf('pauseWrites') > this.roles.lastIndexOf('resumeWrites');
  }

  /** The node that this one follows, if it is a replica. */
  get primary(): SimNode | undefined {
    const { topology } = this;
    const primary = topology.primaryOf(topology.self);
    return primary === NO_NODE ? undefined : this.#sim.byId(topology.idOf(primary));
  }

  get options(): ClusterOptions {
    return this.#options;
  }

  /** The notices of one kind. */
  said<Kind extends ClusterNotice['kind']>(
    kind: Kind,
  ): Extract<ClusterNotice, { readonly kind: Kind }>[] {
    return this.notices.filter(
      (notice): notice is Extract<ClusterNotice, { readonly kind: Kind }> => notice.kind === kind,
    );
  }

  /** kill -9: what was not persisted is gone. */
  kill(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.isPaused = false;
    this.#sim.disconnectAll(this);
  }

  /** Starts again from the disk, perhaps elsewhere. */
  restart(at: { readonly host?: string; readonly port?: number } = {}): void {
    this.kill();
    this.host = at.host ?? this.host;
    this.port = at.port ?? this.port;
    this.life++;
    this.isUp = true;
    this.#heard.clear();
    this.#savedEpoch = 0;
    const topology = load(this.disk, this.#sim.nowMs);
    const { self } = topology;
    const { host, altPort } = topology.addressOf(self);
    topology.setAddress(self, { host, altPort, port: this.port, busPort: this.port + 10000 });
    this.core = this.#boot(topology);
    this.#sim.revive(this);
  }

  describe(): string {
    return `${this.index}${this.isUp ? '' : ' (down)'}: ${this.core.describe()}`;
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function hexId(sim: SimCluster, index: number): string {
  let id = '';
  while (id.length < 40) id += sim.random.uint32().toString(16).padStart(8, '0');
  return index.toString(16).padStart(2, '0').slice(-2) + id.slice(2, 40);
}
