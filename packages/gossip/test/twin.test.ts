// Two processes with one id: the machines of a node and of a copy of it, and a third one that hears both.

import type { BusMessage } from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import { seededRandom } from '@slotmesh/machine';
import { type LinkId, type NodeAddress, StatusBit, Topology } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { Gossip, type GossipEffect, type GossipInput, type GossipNotice } from '../src/index.ts';
import { Bench, id, OPTIONS, ping, START_MS } from './support.ts';

const TIMEOUT_MS = OPTIONS.nodeTimeoutMs;

function addressOf(host: string): NodeAddress {
  return { host, port: 7000, altPort: 0, busPort: 17000 };
}

/** One process; the wires to others are the test's. */
class Process {
  readonly gossip: Gossip;
  readonly host: string;
  readonly notices: GossipNotice[] = [];
  effects: GossipEffect[] = [];

  constructor(host: string, seed: number, nowMs: number, letter = 'm') {
    this.host = host;
    const topology = new Topology({ id: id(letter), address: addressOf(host), createdMs: nowMs });
    topology.assignSlots(SlotSet.of(letter.charCodeAt(0)), topology.self);
    this.gossip = new Gossip({
      topology,
      options: OPTIONS,
      random: seededRandom(seed),
      nowMs,
      facts: { keyCountInSlot: () => 0, replicationOffset: () => 0 },
    });
  }

  knows(letter: string, host: string, nowMs: number): void {
    const { topology } = this.gossip;
    const node = topology.addNode({ id: id(letter), address: addressOf(host), createdMs: nowMs });
    topology.assignSlots(SlotSet.of(letter.charCodeAt(0)), node);
  }

  input(nowMs: number, input: GossipInput): void {
    const effects: GossipEffect[] = [];
    this.gossip.step(nowMs, input, effects);
    this.gossip.settle(nowMs, effects);
    this.gossip.invariants();
    for (const effect of effects) {
      if (effect.kind === 'notice') this.notices.push(effect.notice);
      else this.effects.push(effect);
    }
  }
}

/** Processes by their hosts, and connections that take no time. */
class Wires {
  nowMs = START_MS;
  readonly processes: Process[];
  readonly #peers = new Map<string, readonly [Process, LinkId]>();
  #nextInbound = 1;

  constructor(...processes: Process[]) {
    this.processes = processes;
  }

  run(forMs: number): void {
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; ) {
      this.nowMs += 100;
      for (const process of this.processes) process.input(this.nowMs, { kind: 'tick' });
      while (this.processes.some((process) => process.effects.length > 0)) {
        for (const process of this.processes) this.#carryOut(process);
      }
    }
  }

  #carryOut(process: Process): void {
    const effects = process.effects;
    process.effects = [];
    for (const effect of effects) {
      if (effect.kind === 'connect') this.#connect(process, effect.link, effect.address.host);
      if (effect.kind === 'disconnect') this.#disconnect(process, effect.link);
      if (effect.kind === 'send') this.#send(process, effect.link, effect.message);
    }
  }

  #connect(from: Process, link: LinkId, host: string): void {
    const to = this.processes.find((process) => process.host === host);
    if (to === undefined) {
      from.input(this.nowMs, { kind: 'linkDown', link });
      return;
    }
    const inbound = this.#nextInbound as LinkId;
    this.#nextInbound += 2;
    this.#peers.set(`${from.host} ${link}`, [to, inbound]);
    this.#peers.set(`${to.host} ${inbound}`, [from, link]);
    const hosts = { remoteHost: from.host, localHost: host };
    to.input(this.nowMs, { kind: 'linkUp', link: inbound, ...hosts });
    from.input(this.nowMs, { kind: 'linkUp', link, remoteHost: host, localHost: from.host });
  }

  #disconnect(from: Process, link: LinkId): void {
    const peer = this.#peers.get(`${from.host} ${link}`);
    if (peer === undefined) return;
    this.#peers.delete(`${from.host} ${link}`);
    this.#peers.delete(`${peer[0].host} ${peer[1]}`);
    peer[0].input(this.nowMs, { kind: 'linkDown', link: peer[1] });
  }

  #send(from: Process, link: LinkId, message: BusMessage): void {
    const peer = this.#peers.get(`${from.host} ${link}`);
    if (peer === undefined || !this.processes.includes(peer[0])) return;
    peer[0].input(this.nowMs, { kind: 'message', link: peer[1], message });
  }
}

const FIRST = '10.0.0.1';
const COPY = '10.0.0.2';
const THIRD = '10.0.0.3';

/** m and b know each other; a second m comes up later. */
function cluster(): { wires: Wires; first: Process; copy: Process; third: Process } {
  const first = new Process(FIRST, 1, START_MS);
  const third = new Process(THIRD, 2, START_MS, 'b');
  first.knows('b', THIRD, START_MS);
  third.knows('m', FIRST, START_MS);
  const wires = new Wires(first, third);
  wires.run(3000);
  const copy = new Process(COPY, 3, wires.nowMs);
  copy.knows('b', THIRD, wires.nowMs);
  wires.processes.push(copy);
  return { wires, first, copy, third };
}

describe('two processes with one id', () => {
  it('find each other within two node timeouts, and the later one stands aside', () => {
    const { wires, first, copy, third } = cluster();
    wires.run(2 * TIMEOUT_MS);
    expect(first.notices).toContainEqual({
      kind: 'twinFound',
      address: addressOf(COPY),
      standsAside: false,
    });
    expect(copy.notices).toContainEqual({
      kind: 'twinFound',
      address: addressOf(FIRST),
      standsAside: true,
    });
    expect(first.gossip.mayServe(wires.nowMs)).toBe(true);
    expect(copy.gossip.mayServe(wires.nowMs)).toBe(false);
    // From then on the others hear the first one alone.
    const { topology } = third.gossip;
    wires.run(10 * TIMEOUT_MS);
    expect(topology.addressOf(topology.find(id('m'))).host).toBe(FIRST);
    expect(copy.gossip.mayServe(wires.nowMs)).toBe(false);
    expect(first.notices.filter(({ kind }) => kind === 'twinFound')).toHaveLength(1);
  });

  it('are one again two node timeouts after the other has ended', () => {
    const { wires, first, copy } = cluster();
    wires.run(2 * TIMEOUT_MS);
    wires.processes.splice(wires.processes.indexOf(first), 1);
    wires.run(4 * TIMEOUT_MS);
    expect(copy.notices.at(-1)).toEqual({ kind: 'twinGone' });
    expect(copy.gossip.mayServe(wires.nowMs)).toBe(true);
  });

  it('change places where the first one was away for longer than a node timeout', () => {
    const { wires, first, copy } = cluster();
    wires.processes.splice(wires.processes.indexOf(first), 1);
    wires.run(2 * TIMEOUT_MS);
    wires.processes.push(first);
    wires.run(3 * TIMEOUT_MS);
    expect(first.gossip.mayServe(wires.nowMs)).toBe(false);
    expect(copy.gossip.mayServe(wires.nowMs)).toBe(true);
  });
});

describe('one process', () => {
  it('is not its own twin after a restart elsewhere', () => {
    const { wires, first, copy } = cluster();
    wires.processes.splice(wires.processes.indexOf(first), 1);
    wires.run(6 * TIMEOUT_MS);
    expect(copy.notices.filter(({ kind }) => kind === 'twinFound')).toEqual([]);
    expect(copy.gossip.mayServe(wires.nowMs)).toBe(true);
    expect(copy.gossip.links.size).toBe(2);
  });

  it('is not its own twin where it is told of a second address of its own', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const entry = ping('ping', 'a').header;
    const seen = { ...addressOf('10.0.0.50'), node: id('m'), pingSentS: 0, pongReceivedS: 0 };
    bench.message(a.in, { ...ping('ping', 'a'), header: entry, gossip: [{ ...seen, flags: 1 }] });
    bench.nowMs += 100;
    // A tick asks, and the next one connects.
    const connects = bench.run(200).filter(({ kind }) => kind === 'connect');
    expect(connects).toHaveLength(1);
    const { link } = connects[0] as { link: LinkId };
    const up = { kind: 'linkUp', link, remoteHost: '10.0.0.50', localHost: '10.0.0.99' } as const;
    const asked = sentOn(bench.input(up), link);
    const inbound = bench.accept('10.0.0.99', '10.0.0.50');
    const answer = sentOn(bench.message(inbound, asked), inbound);
    const effects = bench.message(link, answer);
    expect(effects.filter(({ kind }) => kind === 'notice')).toEqual([]);
    expect(bench.gossip.mayServe(bench.nowMs)).toBe(true);
    const later = bench.run(2 * TIMEOUT_MS).filter((effect) => {
      return effect.kind === 'connect' && effect.address.host === '10.0.0.50';
    });
    expect(later).toEqual([]);
  });

  it('looks for a twin for a node timeout of today, though it was longer when it was told of one', () => {
    const bench = new Bench({ nodeTimeoutMs: 50 * TIMEOUT_MS });
    const a = bench.member('a');
    const seen = { ...addressOf('10.0.0.50'), node: id('m'), pingSentS: 0, pongReceivedS: 0 };
    bench.message(a.in, { ...ping('ping', 'a'), gossip: [{ ...seen, flags: 1 }] });
    const askedAt = (effects: GossipEffect[]): GossipEffect[] =>
      effects.filter((one) => one.kind === 'connect' && one.address.host === '10.0.0.50');
    expect(askedAt(bench.run(200))).toHaveLength(1);
    bench.gossip.options = OPTIONS;
    bench.run(3 * TIMEOUT_MS);
    expect(askedAt(bench.run(10 * TIMEOUT_MS))).toEqual([]);
  });

  it('takes nobody in at the address where it looks for a twin', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const seen = { ...addressOf('10.0.0.50'), node: id('m'), pingSentS: 0, pongReceivedS: 0 };
    bench.message(a.in, { ...ping('ping', 'a'), gossip: [{ ...seen, flags: 1 }] });
    const connects = bench.run(200).filter(({ kind }) => kind === 'connect');
    const { link } = connects[0] as { link: LinkId };
    bench.input({ kind: 'linkUp', link, remoteHost: '10.0.0.50', localHost: '10.0.0.99' });
    bench.message(link, ping('pong', 'x'));
    expect(bench.topology.size).toBe(2);
    expect(bench.gossip.ignored.get('otherCaller')).toBe(1);
  });

  it('stands aside for a forged answer for two node timeouts, and no longer', () => {
    const bench = new Bench();
    const a = bench.member('a', SlotSet.of(1));
    const effects = bench.message(a.out, ping('pong', 'm'));
    expect(effects).toContainEqual(
      expect.objectContaining({ notice: expect.objectContaining({ kind: 'twinFound' }) }),
    );
    expect(bench.gossip.mayServe(bench.nowMs)).toBe(false);
    expect(bench.topology.hasStatus(a.node, StatusBit.noAddress)).toBe(true);
    bench.run(2 * TIMEOUT_MS + 200);
    expect(bench.gossip.mayServe(bench.nowMs)).toBe(true);
  });
});

function sentOn(effects: readonly GossipEffect[], on: LinkId): BusMessage {
  for (const effect of effects) {
    if (effect.kind === 'send' && effect.link === on) return effect.message;
  }
  throw new Error('nothing was sent there');
}
