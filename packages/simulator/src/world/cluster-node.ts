// Hot path: one simulated node: a ClusterCore with its clock, its disk and its keys, restarted from
// the text of its nodes.conf as the app does.

import type { BusMessage } from '@slotmesh/cluster-bus';
import {
  ClusterCore,
  type ClusterEffect,
  type ClusterInput,
  type ClusterOptions,
  type OperatorCommand,
  type OperatorOutcome,
  type Route,
  type RouteRequest,
} from '@slotmesh/cluster-core';
import { seededRandom } from '@slotmesh/machine';
import {
  formatNodesConf,
  fromTopology,
  type NodesConf,
  NodesConfError,
  parseNodesConf,
  toTopology,
} from '@slotmesh/nodes-conf';
import type { ReplicationOptions } from '@slotmesh/replication';
import type { LinkId, Topology } from '@slotmesh/topology';
import { type NodeClock, TICK_MS } from '../clock/node-clock.ts';
import { type Change, DataSet } from '../data/data-set.ts';
import type { NodeDisk } from '../disk/node-disk.ts';
import type { StreamEndpoint, StreamRole } from '../network/streams.ts';
import type { Endpoint, Wire } from '../network/wire.ts';
import { Dice, words } from '../random.ts';
import type { End, Place, Position } from './contract.ts';
import { DATA_FILE, DataFile, endWithReplicas, saveNowAndThen } from './data-file.ts';
import { BUS_PORT_OFFSET, newTopology, withInternedNames } from './identity.ts';
import type { ClusterNodeParts, NodeHost } from './node-host.ts';
import { NODES_FILE, NodesFile } from './nodes-file.ts';
import { type LinkEffect, Outbox } from './outbox.ts';
import { PausedWrites } from './paused-writes.ts';
import { factsOf } from './replication-facts.ts';
import { Replicator, readDataFile } from './replicator.ts';
import { carryOutRole } from './role-effects.ts';
import { tellOfData } from './tell-data.ts';

/** What waits while the process does not run. */
interface Waiting {
  readonly input: ClusterInput;
  readonly hash: number;
}

export class ClusterNode implements Endpoint, StreamEndpoint {
  readonly index: number;
  readonly clock: NodeClock;
  readonly disk: NodeDisk;
  readonly wires: Map<LinkId, Wire> = new Map();
  place: Place;
  life = 0;
  isUp = false;
  isPaused = false;
  isShuttingDown = false;
  saved: NodesConf | null = null;
  core!: ClusterCore;
  replicator!: Replicator;
  readonly dataDisk: NodeDisk;
  #data = new DataSet();
  #clients = 0;
  /** Where each client came from. */
  readonly #clientHosts = new Map<number, string>();
  readonly #dataFile: DataFile;
  readonly #writes = new PausedWrites();
  readonly #host: NodeHost<ClusterNode>;
  readonly #keys = new Map<number, number>();
  #keyCount = 0;
  #identities = 0;
  #ownKeys = 0;
  #options: ClusterOptions;
  #file: NodesFile | null = null;
  #outbox: Outbox | null = null;
  #nextInbound = 1;
  #effects: ClusterEffect[] = [];
  readonly #sink = {
    push: (effect: ClusterEffect): number => {
      if (effect.kind === 'disconnect') this.#ended.add(effect.link);
      return this.#effects.push(effect);
    },
  };
  /**
   * Links that the rules have ended, until that is carried out: at the end of a batch, or when a save is
   * done. What still arrives there they do not read.
   */
  readonly #ended = new Set<LinkId>();
  readonly #waiting: Waiting[] = [];
  /** How many want it to stand still. */
  #pauses = 0;
  #isTickMissed = false;
  /** What clients have sent to a process that does not run. */
  readonly #unread: (() => void)[] = [];

  constructor(host: NodeHost<ClusterNode>, parts: ClusterNodeParts) {
    this.#host = host;
    this.index = parts.index;
    this.place = parts.place;
    this.clock = parts.clock;
    this.disk = parts.disk;
    this.dataDisk = parts.dataDisk;
    this.#dataFile = new DataFile(
      parts.dataDisk,
      () => this.replicator.fileBytes(),
      (why) => host.note('dataNotSaved', why, this),
    );
    this.#options = parts.options;
    host.network.attach(this, parts.place, null);
  }

  get topology(): Topology {
    return this.core.topology;
  }

  get id(): string {
    return this.topology.idOf(this.topology.self);
  }

  get keys(): ReadonlyMap<number, number> {
    return this.#keys;
  }

  describe(): string {
    const state = this.isUp ? (this.isPaused ? ' (paused)' : '') : ' (down)';
    return `${this.index}${state}: ${this.core.describe()}`;
  }

  // ---- life

  start(place: Place = this.place): boolean {
    if (this.isUp) return true;
    this.#host.network.attach(this, place, this.place);
    this.place = place;
    if (this.#host.network.ownerOf(place) !== this) return this.#refuse('its address is taken');
    const nowMs = this.#startClock();
    let topology: Topology;
    try {
      topology = this.#readTopology(nowMs);
    } catch (error) {
      if (!(error instanceof NodesConfError)) throw error;
      return this.#refuse(error.message);
    }
    const { self } = topology;
    const { port } = place;
    const { host } = topology.addressOf(self);
    topology.setAddress(self, { host, altPort: 0, port, busPort: port + BUS_PORT_OFFSET });
    this.life++;
    this.isUp = true;
    this.#boot(topology, nowMs);
    return true;
  }

  #refuse(why: string): false {
    this.#host.note('startRefused', why, this);
    for (const tell of this.#host.handlers.stopped) tell(this, 'startRefused');
    return false;
  }

  #startClock(): number {
    this.clock.start(this.#host.nowMs());
    return this.clock.read(this.#host.nowMs());
  }

  #readTopology(nowMs: number): Topology {
    const bytes = this.disk.read(NODES_FILE);
    if (bytes !== null) {
      const conf = withInternedNames(parseNodesConf(bytes));
      const topology = toTopology(conf, { nowMs });
      this.saved = conf;
      return topology;
    }
    this.saved = null;
    const name = `identity/${this.index}/${this.#identities++}`;
    const dice = new Dice(seededRandom(...words(this.#host.seed, name)));
    return newTopology(dice, this.place.port, nowMs);
  }

  #boot(topology: Topology, nowMs: number): void {
    const { seed, hash, trace, handlers, entries } = this.#host;
    const random = words(seed, `node/${this.index}/${this.life}`);
    const isEmpty = this.#bootReplicator(topology, nowMs);
    const machine = this.replicator;
    this.core = new ClusterCore({
      topology,
      nowMs,
      options: this.#options,
      random: seededRandom(...random),
      shareEntry: (entry) => entries.share(entry),
      facts: {
        keyCountInSlot: (slot) => this.#keys.get(slot) ?? 0,
        keyCount: () => this.#keyCount,
        ...factsOf(
          () => machine.machine,
          () => machine.facts,
        ),
        isLoading: () => machine.isLoading,
      },
    });
    const outbox = new Outbox({
      save: () => file.save(),
      link: (effect, messageHash) => this.#carryOut(effect, messageHash),
      slotsLost: ({ slots, deleteKeys }) => {
        if (deleteKeys) this.#deleteSlots(slots);
      },
      notice: ({ notice }) => {
        for (const tell of handlers.noticed) tell(this, notice);
      },
      deliver: (effect) => {
        for (const tell of handlers.delivered) tell(this, effect);
      },
      role: (effect) =>
        carryOutRole(effect, this.replicator, {
          pauseWrites: (untilMs) => this.#writes.pause(untilMs),
          resumeWrites: () => this.#resumeWrites(),
          deleting: () => {
            for (const tell of handlers.deleting) tell(this, 'all');
          },
        }),
    });
    let isStarted = false;
    const file = new NodesFile({
      disk: this.disk,
      topology,
      saved: (number, conf) => {
        this.saved = conf;
        if (!isStarted) {
          isStarted = true;
          this.#scheduleTick();
        }
        outbox.saved(number);
      },
      failed: (error) => {
        this.#host.note('saveFailed', `${error.step}: ${error.code}`, this);
        this.#end('diskFailed');
        this.disk.processEnded();
        this.dataDisk.processEnded();
      },
    });
    this.#file = file;
    this.#outbox = outbox;
    this.#nextInbound = 1;
    this.#ended.clear();
    const atMs = this.#host.nowMs();
    hash.event(atMs, this.index, this.life);
    if (trace !== null) {
      const conf = formatNodesConf(fromTopology(topology));
      const { index: node } = this;
      trace.record({ kind: 'start', atMs, node, nowMs, conf, random, options: this.#options });
    }
    for (const tell of handlers.started) tell(this);
    file.save();
    saveNowAndThen(this, this.#host, this.life);
    // A world begins with clusters that have nothing yet.
    this.#dataLoaded(nowMs, isEmpty && this.life > 1);
  }

  /** It waits for a replica to take its place: it has nothing to hand on. */
  get isSilent(): boolean {
    return this.core.isSilent(this.clock.read(this.#host.nowMs()));
  }

  #dataLoaded(nowMs: number, isMissing: boolean): void {
    const atMs = this.#host.nowMs();
    this.#host.trace?.record({ kind: 'dataLoaded', atMs, node: this.index, nowMs, isMissing });
    this.core.dataLoaded(nowMs, isMissing, this.#sink);
    this.#settle(nowMs);
  }

  /** Gives whether there is nothing: no data file, or one without a key, of a history that had not begun. */
  #bootReplicator(topology: Topology, nowMs: number): boolean {
    const { seed, hash, trace, streams, replication, handlers } = this.#host;
    const data = new DataSet((slot, count) => this.#countKeys(slot, count));
    this.#data = data;
    const bytes = this.dataDisk.read(DATA_FILE);
    const file = bytes === null ? null : readDataFile(bytes, data);
    if (file === null) data.clear();
    const { self } = topology;
    const events = tellOfData(this, handlers);
    this.replicator = new Replicator({
      node: this,
      isSilent: () => this.isSilent,
      ...{ streams, data, hash, trace, events, nowMs },
      options: {
        ...(replication.options as ReplicationOptions),
        ...{ announcePort: this.place.port, announceNodeId: topology.idOf(self) },
      },
      random: words(seed, `replication/${this.index}/${this.life}`),
      dice: seededRandom(...words(seed, `loading/${this.index}/${this.life}`)),
      saved: file?.saved ?? null,
      startsAsReplica: topology.isReplica(self),
      clockMs: () => this.clock.read(this.#host.nowMs()),
      atMs: () => this.#host.nowMs(),
      after: (delayMs, run) => this.#host.after(delayMs, run),
    });
    return file === null || (data.size === 0 && (file.saved?.offset ?? 0) === 0);
  }

  stop(end: End, dice: Dice): void {
    if (!this.isUp) return;
    this.#end(end);
    for (const disk of [this.disk, this.dataDisk]) {
      if (end === 'powerLost') disk.powerLost(dice);
      else disk.processEnded();
    }
  }

  #end(end: End): void {
    this.isUp = false;
    this.isPaused = false;
    this.#pauses = 0;
    this.#waiting.length = 0;
    this.#unread.length = 0;
    this.#isTickMissed = false;
    this.#file?.close();
    this.#outbox?.close();
    this.#host.network.processEnded(this, end === 'powerLost');
    this.#host.streams.processEnded(this, end === 'powerLost');
    this.replicator.end();
    this.#dataFile.reset();
    this.isShuttingDown = false;
    this.#writes.take();
    this.#clientHosts.clear();
    // What is in memory alone.
    this.#keys.clear();
    this.#keyCount = 0;
    const atMs = this.#host.nowMs();
    this.#host.hash.event(atMs, this.index, -this.life);
    this.#host.trace?.record({ kind: 'stop', atMs, node: this.index, why: end });
    for (const tell of this.#host.handlers.stopped) tell(this, end);
  }

  pause(): void {
    if (!this.isUp) return;
    this.isPaused = true;
    this.#pauses++;
  }

  resume(): void {
    if (!this.isPaused || --this.#pauses > 0) return;
    this.isPaused = false;
    const waiting = this.#waiting.splice(0);
    const unread = this.#unread.splice(0);
    // Sockets may be read before timers are looked at.
    for (const read of unread.splice(0, unread.length >> 1)) read();
    const nowMs = this.clock.read(this.#host.nowMs());
    if (this.#isTickMissed) {
      this.#isTickMissed = false;
      this.#scheduleTick();
      this.replicator.tick();
      this.#step(nowMs, { kind: 'tick' }, 0);
    }
    for (const { input, hash } of waiting) this.#step(nowMs, input, hash);
    this.#settle(nowMs);
    for (const read of unread) read();
  }

  // ---- time

  #scheduleTick(): void {
    const atMs = this.#host.nowMs() + this.clock.virtual(this.clock.tickMs?.() ?? TICK_MS);
    this.#host.tickAt(atMs, this, this.life);
  }

  tick(life: number): void {
    if (!this.isUp || this.life !== life) return;
    if (this.isPaused) {
      this.#isTickMissed = true;
      return;
    }
    this.#scheduleTick();
    this.replicator.tick();
    this.#input({ kind: 'tick' }, 0);
    if (this.#writes.isOver(this.clock.read(this.#host.nowMs()))) this.#resumeWrites();
  }

  // ---- in

  nextInboundLink(): LinkId {
    const link = this.#nextInbound as LinkId;
    this.#nextInbound += 2;
    return link;
  }

  linkUp(link: LinkId, remoteHost: string, localHost: string): void {
    this.#input({ kind: 'linkUp', link, remoteHost, localHost }, 0);
  }

  linkDown(link: LinkId): void {
    this.#input({ kind: 'linkDown', link }, 0);
  }

  message(link: LinkId, message: BusMessage, hash: number): void {
    this.#input({ kind: 'message', link, message }, hash);
  }

  publish(channel: Uint8Array, message: Uint8Array, sharded: boolean): void {
    this.#input({ kind: 'publish', channel, message, sharded }, 0);
  }

  #input(input: ClusterInput, hash: number): void {
    if (this.isPaused) {
      this.#waiting.push({ input, hash });
      return;
    }
    const nowMs = this.clock.read(this.#host.nowMs());
    this.#step(nowMs, input, hash);
    this.#settle(nowMs);
  }

  #step(nowMs: number, input: ClusterInput, messageHash: number): void {
    const { hash, trace, handlers } = this.#host;
    const atMs = this.#host.nowMs();
    hash.input(atMs, this.index, input, messageHash);
    trace?.record({ kind: 'input', atMs, node: this.index, nowMs, input });
    if (input.kind === 'message') {
      const { link, message } = input;
      const isRead = !this.#ended.has(link);
      if (isRead) for (const tell of handlers.receiving) tell(this, link, message);
    } else if (input.kind === 'tick') {
      for (const tell of handlers.ticking) tell(this);
    } else if (input.kind === 'publish') {
      for (const tell of handlers.published) tell(this, input);
    }
    this.core.step(nowMs, input, this.#sink);
  }

  whenRunning(read: () => void): void {
    if (!this.isUp) return;
    if (this.isPaused) this.#unread.push(read);
    else read();
  }

  route(request: RouteRequest): Route {
    const route = this.core.route(this.clock.read(this.#host.nowMs()), request);
    if (route.kind === 'serve') {
      for (const tell of this.#host.handlers.served) tell(this, request);
    }
    return route;
  }

  whenWritable(read: () => void): void {
    this.whenRunning(() => {
      if (this.#writes.isPaused) this.#writes.hold(read);
      else read();
    });
  }

  perform(changes: readonly Change[]): Position {
    return this.replicator.perform(changes);
  }

  // ---- replication

  nextClient(): number {
    return ++this.#clients;
  }

  streamAccepted(client: number, remoteHost: string): void {
    this.#clientHosts.set(client, remoteHost);
  }

  streamUp(link: number): void {
    this.whenRunning(() => this.replicator.input({ kind: 'linkUp', link }));
  }

  streamData(role: StreamRole, number: number, bytes: Uint8Array): void {
    if (role === 'link') this.replicator.input({ kind: 'linkData', link: number, bytes });
    else this.replicator.clientData(number, this.#clientHosts.get(number) ?? '', bytes);
  }

  streamSent(_role: StreamRole, client: number, bytes: number): void {
    this.whenRunning(() => this.replicator.input({ kind: 'sent', client, bytes }));
  }

  streamClosed(role: StreamRole, number: number): void {
    this.whenRunning(() => {
      if (role === 'link') this.replicator.input({ kind: 'linkDown', link: number });
      else this.replicator.clientClosed(number);
    });
  }

  #resumeWrites(): void {
    if (!this.#writes.isPaused) return;
    this.replicator.input({ kind: 'pause', isPaused: false });
    const { life } = this;
    const held = this.#writes.take();
    if (held.length === 0) return;
    // Not in the middle of a batch.
    this.#host.after(0, () => {
      if (this.life !== life) return;
      for (const read of held) this.whenWritable(read);
    });
  }

  #deleteSlots(slots: Iterable<number>): void {
    const those = [...slots].filter((slot) => this.#keys.has(slot));
    if (those.length === 0) return;
    for (const tell of this.#host.handlers.deleting) tell(this, those);
    for (const slot of those) this.setKeys(slot, 0);
  }

  #countKeys(slot: number, count: number): void {
    this.#keyCount += count - (this.#keys.get(slot) ?? 0);
    if (count === 0) this.#keys.delete(slot);
    else this.#keys.set(slot, count);
    const atMs = this.#host.nowMs();
    this.#host.trace?.record({ kind: 'keys', atMs, node: this.index, slot, count });
  }

  // ---- the data file

  saveData(done: () => void = () => {}): void {
    if (this.isUp && !this.replicator.isLoading) this.#dataFile.save(done);
    else done();
  }

  loseDataFile(): void {
    this.#dataFile.lose();
  }

  shutDown(dice: Dice): void {
    if (!this.isUp || this.isPaused || this.isShuttingDown) return;
    this.isShuttingDown = true;
    // No client is answered any more.
    this.#writes.pause(Number.POSITIVE_INFINITY);
    this.replicator.input({ kind: 'pause', isPaused: true });
    endWithReplicas(this, this.#host, () => this.stop('killed', dice));
  }

  execute(command: OperatorCommand): OperatorOutcome {
    const { hash, trace, handlers } = this.#host;
    const atMs = this.#host.nowMs();
    const nowMs = this.clock.read(atMs);
    const outcome = this.core.execute(nowMs, command, this.#sink);
    hash.event(atMs, this.index, 2);
    hash.text(command.kind);
    hash.text(outcome.text);
    trace?.record({ kind: 'command', atMs, node: this.index, nowMs, command, outcome });
    for (const tell of handlers.executed) tell(this, command, outcome);
    this.#settle(nowMs);
    return outcome;
  }

  configure(options: Partial<ClusterOptions>): void {
    this.#options = { ...this.#options, ...options };
    if (!this.isUp) return;
    this.core.options = this.#options;
    const atMs = this.#host.nowMs();
    this.#host.trace?.record({ kind: 'options', atMs, node: this.index, options: this.#options });
  }

  setKeys(slot: number, count: number): void {
    const values = [...this.#data.valuesOf(slot)];
    for (const value of values.slice(count)) this.perform([{ kind: 'remove', slot, value }]);
    for (let i = values.length; i < count; i++) {
      // Below zero: no client writes these.
      this.perform([{ kind: 'add', slot, value: -1 - this.#ownKeys++ }]);
    }
  }

  // ---- out

  #settle(nowMs: number): void {
    const { hash, trace, handlers } = this.#host;
    const atMs = this.#host.nowMs();
    this.core.settle(nowMs, this.#sink);
    const effects = this.#effects;
    trace?.record({ kind: 'settle', atMs, node: this.index, nowMs });
    for (const tell of handlers.settled) tell(this);
    if (effects.length === 0) return;
    this.#effects = [];
    const hashes: number[] = [];
    for (const effect of effects) {
      hashes.push(hash.effect(effect));
      trace?.record({ kind: 'effect', atMs, node: this.index, effect });
    }
    this.#outbox?.flush(effects, hashes);
  }

  #carryOut(effect: LinkEffect, messageHash: number): void {
    const { network, handlers } = this.#host;
    switch (effect.kind) {
      case 'send':
        for (const tell of handlers.sending) tell(this, effect.link, effect.message);
        network.send(this, effect.link, effect.message, messageHash);
        break;
      case 'connect':
        network.connect(this, effect.link, effect.address);
        break;
      default:
        this.#ended.delete(effect.link);
        network.disconnect(this, effect.link);
    }
  }
}
