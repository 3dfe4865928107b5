// What faults do to nodes, wires and clocks, looked at one by one.

import { BusDecodeError, BusDecoder, decodeBusMessage } from '@slotmesh/cluster-bus';
import { beforeEach, describe, expect, test } from 'vitest';
import { encoded } from '../../src/faults/forged-messages.ts';
import { forgedMessage } from '../../src/faults/forgery.ts';
import { nodeDisk, optionsOf, stream } from '../../src/index.ts';
import { ClusterWorld } from '../../src/world/cluster-world.ts';
import type { SimNode, World } from '../../src/world/contract.ts';
import { startFromFiles } from '../../src/world/from-files.ts';

const NT_MS = 2000;
let world: ClusterWorld;
let nodes: SimNode[];
/** How many messages each node has read. */
let read: Map<SimNode, number>;
let ticks: Map<SimNode, number>;

beforeEach(() => {
  const drawn = optionsOf(1, { beyond: [] });
  const options = {
    ...drawn,
    delay: { minMs: 1, meanMs: 1 },
    clockRate: { min: 1, max: 1 },
    cluster: { ...drawn.cluster, nodeTimeoutMs: NT_MS, lease: true },
  };
  read = new Map();
  ticks = new Map();
  const count = (counts: Map<SimNode, number>, node: SimNode): void => {
    counts.set(node, (counts.get(node) ?? 0) + 1);
  };
  world = new ClusterWorld({
    options,
    disk: nodeDisk,
    watch: () => [
      { receiving: (node) => count(read, node), settled: (node) => count(ticks, node) },
    ],
  });
  nodes = Array.from({ length: 3 }, () => world.createNode());
  startFromFiles(nodes, { voters: 3, replicas: 0 }, world.dice('test'));
  world.run(2000);
});

/** What a node reads in that time. */
function reads(node: SimNode, forMs: number): number {
  const before = read.get(node) ?? 0;
  world.run(forMs);
  return (read.get(node) ?? 0) - before;
}

function connectionFrom(
  from: SimNode,
  to: SimNode,
): ReturnType<World['network']['connections']>[0] {
  const found = world.network.connections().find((one) => one.from === from && one.to === to);
  if (found === undefined) throw new Error('they are not connected');
  return found;
}

describe('wires', () => {
  test('one that nobody was told is dead swallows what is written, and breaks when it is mended', () => {
    const [a, b] = nodes;
    const dead = connectionFrom(a, b);
    world.network.reset(dead, 'nobody');
    expect(dead.isOpen).toBe(true);
    world.run(300);
    expect(world.network.connections()).toContain(dead);
    // Answers to its PINGs are missing by now, so the node gives it up itself.
    world.run(2 * NT_MS);
    expect(world.network.connections()).not.toContain(dead);
    expect(connectionFrom(a, b).isOpen).toBe(true);
  });

  test('a slow reader reads no faster than it was told to, and everything in the end', () => {
    const [a] = nodes;
    const usual = reads(a, 3000);
    world.network.throttle(a, 1000);
    // Four connections: one from each of the others, and one to each.
    expect(reads(a, 3000)).toBeLessThanOrEqual(3 * 4 + 4);
    world.network.throttle(a, 0);
    world.run(2 * NT_MS);
    expect(reads(a, 3000)).toBeGreaterThan(usual / 2);
  });

  test('a forged message arrives in the name of the other end', () => {
    const [a, b, c] = nodes;
    const header = {
      ...{ sender: b.id, currentEpoch: 3, configEpoch: 2, offset: 0, replicaOf: null },
      ...{ host: '', port: 7000, altPort: 0, busPort: 17_000, flags: 1, messageFlags: 0 },
      ...{ clusterState: 'ok' as const, slots: b.topology.slotsOf(b.topology.self) },
    };
    const knownAsFailed = (): boolean => a.topology.isFail(a.topology.find(c.id));
    expect(knownAsFailed()).toBe(false);
    world.network.forge(connectionFrom(a, b), 'from', { kind: 'fail', header, node: c.id });
    world.run(100);
    expect(knownAsFailed()).toBe(true);
  });
});

describe('processes', () => {
  test('stand still until the last one who stopped them lets them go on', () => {
    const [a] = nodes;
    a.pause();
    a.pause();
    a.resume();
    expect(a.isPaused).toBe(true);
    expect(reads(a, 500)).toBe(0);
    a.resume();
    expect(a.isPaused).toBe(false);
    expect(reads(a, 500)).toBeGreaterThan(0);
  });

  test('do not start where another one listens', () => {
    const [a, b] = nodes;
    const dice = stream(1, 'test');
    a.stop('killed', dice);
    expect(a.start(b.place)).toBe(false);
    expect(a.isUp).toBe(false);
    b.stop('killed', dice);
    expect(a.start(b.place)).toBe(true);
    expect(b.start()).toBe(false);
    expect(b.start(world.newPlace())).toBe(true);
  });
});

test('a clock ticks as it is told to', () => {
  const [a] = nodes;
  for (const node of nodes.slice(1)) node.stop('killed', stream(1, 'test'));
  world.run(1000);
  const during = (forMs: number): number => {
    const before = ticks.get(a) ?? 0;
    world.run(forMs);
    return (ticks.get(a) ?? 0) - before;
  };
  const usual = during(1000);
  a.clock.tickMs = () => 5;
  world.run(200);
  expect(during(1000)).toBeGreaterThan(5 * usual);
  a.clock.tickMs = () => 10_000;
  world.run(200);
  // No tick at all; what is left are the ends of its attempts to connect.
  expect(during(4000)).toBeLessThan(usual);
});

describe('forged messages', () => {
  test('come out of the decoder as they went in, or the wire has no form for them', () => {
    const dice = stream(2, 'test');
    const [receiver, peer] = nodes;
    const kinds = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const message = forgedMessage({ world, dice, receiver, peer });
      const bytes = encoded(message);
      if (bytes === null) continue;
      const decoded = decodeBusMessage(bytes);
      expect(decoded.kind).toBe(message.kind);
      expect(decoded.header?.currentEpoch).toBe(message.header?.currentEpoch);
      kinds.set(message.kind, (kinds.get(message.kind) ?? 0) + 1);
    }
    expect(kinds.size).toBe(13);
    for (const [kind, count] of kinds) expect(count, kind).toBeGreaterThan(20);
  });

  test('with any byte changed are refused by name, or are other messages', () => {
    const dice = stream(3, 'test');
    const [receiver, peer] = nodes;
    const outcomes = new Set<string>();
    for (let i = 0; i < 3000; i++) {
      const bytes = encoded(forgedMessage({ world, dice, receiver, peer }));
      if (bytes === null) continue;
      bytes[dice.below(dice.chance(0.5) ? 16 : bytes.length)] = dice.below(256);
      const decoder = new BusDecoder();
      decoder.push(bytes);
      try {
        outcomes.add(decoder.next() === undefined ? 'incomplete' : 'message');
      } catch (error) {
        if (!(error instanceof BusDecodeError)) throw error;
        outcomes.add(error.code);
      }
    }
    for (const outcome of ['message', 'incomplete', 'BUS_BAD_SIGNATURE', 'BUS_BAD_VERSION']) {
      expect(outcomes).toContain(outcome);
    }
  });
});
