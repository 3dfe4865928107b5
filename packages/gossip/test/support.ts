// One gossip machine with its hands free: messages are handed to it, and what it wants to do is
// looked at.

import {
  type BusHeader,
  type BusMessage,
  type GossipEntry,
  NodeFlag,
  type PingMessage,
} from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import { seededRandom } from '@slotmesh/machine';
import { type LinkId, type NodeIndex, Topology } from '@slotmesh/topology';
import { Gossip, type GossipEffect, type GossipInput, type GossipOptions } from '../src/index.ts';

export const OPTIONS: GossipOptions = {
  nodeTimeoutMs: 2000,
  replicaNoFailover: false,
  blacklistTtlS: 60,
  lease: true,
  stallGuard: true,
  allowReplicaMigration: true,
  announce: { host: '', port: 0, altPort: 0, busPort: 0, hostname: '', nodename: '' },
};

export const START_MS = 1_700_000_000_000;

/** A node id that is easy to read in a failure. */
export function id(letter: string): string {
  return letter.repeat(40);
}

export class Bench {
  nowMs = START_MS;
  readonly topology: Topology;
  readonly gossip: Gossip;
  /** Effects since the last look. */
  #effects: GossipEffect[] = [];
  #nextInbound = 1;

  constructor(options: Partial<GossipOptions> = {}) {
    const address = { host: '', port: 7000, altPort: 0, busPort: 17000 };
    this.topology = new Topology({ id: id('m'), address, createdMs: START_MS, shardId: id('s') });
    this.gossip = new Gossip({
      topology: this.topology,
      options: { ...OPTIONS, ...options },
      random: seededRandom(1),
      nowMs: START_MS,
      facts: { keyCountInSlot: () => 0, replicationOffset: () => 0 },
    });
  }

  input(input: GossipInput): GossipEffect[] {
    this.gossip.step(this.nowMs, input, this.#sink);
    this.gossip.settle(this.nowMs, this.#sink);
    this.gossip.invariants();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  readonly #sink = { push: (effect: GossipEffect): number => this.#effects.push(effect) };

  /** Ticks until `forMs` have passed; all effects. */
  run(forMs: number): GossipEffect[] {
    const effects: GossipEffect[] = [];
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; ) {
      this.nowMs += 100;
      effects.push(...this.input({ kind: 'tick' }));
    }
    return effects;
  }

  accept(remoteHost: string, localHost = '10.0.0.99'): LinkId {
    const link = this.#nextInbound as LinkId;
    this.#nextInbound += 2;
    this.input({ kind: 'linkUp', link, remoteHost, localHost });
    return link;
  }

  /** A member with a link each way, as if it had been known for long. */
  member(
    letter: string,
    slots: SlotSet = SlotSet.EMPTY,
  ): { node: NodeIndex; out: LinkId; in: LinkId } {
    const host = `10.0.0.${letter.charCodeAt(0)}`;
    const address = { host, port: 7000, altPort: 0, busPort: 17000 };
    const node = this.topology.addNode({ id: id(letter), address, createdMs: this.nowMs });
    if (slots.count > 0) this.topology.assignSlots(slots, node);
    this.nowMs += 100;
    const connect = this.input({ kind: 'tick' }).find((effect) => effect.kind === 'connect');
    const out = (connect as { link: LinkId }).link;
    this.input({ kind: 'linkUp', link: out, remoteHost: host, localHost: '10.0.0.99' });
    this.message(out, ping('pong', letter, { slots }));
    const inbound = this.accept(host);
    this.message(inbound, ping('ping', letter, { slots }));
    return { node, out, in: inbound };
  }

  message(link: LinkId, message: BusMessage): GossipEffect[] {
    return this.input({ kind: 'message', link, message });
  }
}

export function header(letter: string, fields: Partial<BusHeader> = {}): BusHeader {
  return {
    sender: id(letter),
    currentEpoch: 0,
    configEpoch: 0,
    offset: 0,
    slots: SlotSet.EMPTY,
    replicaOf: null,
    host: '',
    port: 7000,
    altPort: 0,
    busPort: 17000,
    flags: 1,
    clusterState: 'ok',
    messageFlags: 0,
    ...fields,
  };
}

export function ping(
  kind: PingMessage['kind'],
  letter: string,
  fields: Partial<BusHeader> = {},
  rest: Partial<Pick<PingMessage, 'gossip' | 'extensions'>> = {},
): PingMessage {
  return { kind, header: header(letter, fields), gossip: [], extensions: [], ...rest };
}

/** The messages among effects, by kind and link, in their order. */
export function sent(effects: readonly GossipEffect[]): string[] {
  return effects.flatMap((effect) => {
    return effect.kind === 'send' ? [`${effect.message.kind} ${effect.link}`] : [];
  });
}

export function notices(effects: readonly GossipEffect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'notice' ? [effect.notice.kind] : []));
}

/** A gossip entry about a node that is well. */
export function entry(letter: string, fields: Partial<GossipEntry> = {}): GossipEntry {
  return {
    node: id(letter),
    pingSentS: 0,
    pongReceivedS: Math.floor(START_MS / 1000),
    host: `10.0.0.${letter.charCodeAt(0)}`,
    port: 7000,
    altPort: 0,
    busPort: 17000,
    flags: NodeFlag.primary,
    ...fields,
  };
}

/** Opens the connection that the next tick asks for. */
export function connect(bench: Bench): LinkId {
  bench.nowMs += 100;
  const effect = bench.input({ kind: 'tick' }).find(({ kind }) => kind === 'connect');
  if (effect?.kind !== 'connect') throw new Error('nothing is to be connected');
  const { link, address } = effect;
  bench.input({ kind: 'linkUp', link, remoteHost: address.host, localHost: '10.0.0.99' });
  return link;
}
