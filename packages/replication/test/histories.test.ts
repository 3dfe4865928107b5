// Nodes that follow each other, are promoted, restarted, cut off after any byte: whoever has the same replication id
// and offset has the same data (the ledger of `World`), and in the end everybody has the primary's.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SMALL_OPTIONS, World } from './support/world.ts';

const NODES = 4;

const node = fc.nat(NODES - 1);
const count = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(10_000));
const connection = fc.nat(9);
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), node, db: fc.nat(2) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('transaction' as const), node, db: fc.nat(2) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: fc.constant('deliver' as const), connection, count },
      toServer: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('flow' as const), rounds: fc.nat(12) }) },
  // Some bytes arrive, and no more.
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cut' as const), connection, count }) },
  // The old primary may go on for a while, or follow at once.
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ kind: fc.constant('failover' as const), node },
      followers: fc.uniqueArray(node),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('follow' as const), node, primary: node }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('feed' as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), node }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('save' as const), node }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      node,
      primary: fc.option(node, { nil: null }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('tick' as const),
      ms: fc.constantFrom(100, 1000, 5000),
    }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** Whether `from` follows `port`, be it through others. */
function follows(world: World, from: number, port: number): boolean {
  let at: number | undefined = from;
  for (let i = 0; i <= NODES && at !== undefined; i++) {
    if (world.nodes[at].port === port) return true;
    const next: number | undefined = world.nodes[at].machine.facts(world.now).link?.port;
    at = next === undefined ? undefined : next - 7000;
  }
  return false;
}

function flow(world: World, rounds: number): void {
  for (let i = 0; i < rounds; i++) {
    world.tick(100);
    for (const connection of [...world.connections]) {
      if (connection.isOpen) world.deliverToServer(connection, 1000);
      if (connection.isOpen) world.deliverToClient(connection, 1000);
    }
    for (const each of world.nodes) {
      each.feedSnapshot(1000);
      each.finishLoading(true);
    }
    world.settle();
  }
}

function perform(world: World, one: Action): void {
  switch (one.kind) {
    case 'write':
      world.nodes[one.node].write(one.db);
      world.settle();
      break;
    case 'transaction':
      world.nodes[one.node].writeTransaction(one.db, 3);
      break;
    case 'deliver': {
      const connection = world.connections[one.connection % Math.max(world.connections.length, 1)];
      if (connection === undefined) break;
      if (one.toServer) world.deliverToServer(connection, one.count);
      else world.deliverToClient(connection, one.count);
      break;
    }
    case 'flow':
      flow(world, one.rounds);
      break;
    case 'cut': {
      const connection = world.connections[one.connection % Math.max(world.connections.length, 1)];
      if (connection === undefined) break;
      world.deliverToClient(connection, one.count);
      if (connection.isOpen) world.break(connection);
      break;
    }
    case 'failover': {
      const promoted = world.nodes[one.node];
      promoted.step({ kind: 'followNobody' });
      for (const follower of one.followers) {
        if (follower !== one.node) world.nodes[follower].follow(promoted.port);
      }
      break;
    }
    case 'follow':
      if (!follows(world, one.primary, world.nodes[one.node].port)) {
        world.nodes[one.node].follow(world.nodes[one.primary].port);
      }
      break;
    case 'feed':
      world.nodes[one.node].feedSnapshot(10);
      world.nodes[one.node].finishLoading(true);
      break;
    case 'fail': {
      const { snapshot } = world.nodes[one.node];
      world.nodes[one.node].finishLoading(false);
      if (snapshot === null) break;
      world.nodes[one.node].snapshot = null;
      world.nodes[one.node].step({ kind: 'snapshotFailed', snapshot: snapshot.number });
      break;
    }
    case 'save':
      world.nodes[one.node].save();
      break;
    case 'restart':
      if (one.primary !== null && follows(world, one.primary, world.nodes[one.node].port)) break;
      world.restart(
        world.nodes[one.node],
        one.primary === null ? null : world.nodes[one.primary].port,
      );
      break;
    case 'tick':
      world.tick(one.ms);
      break;
  }
}

/** Everybody follows the first node, and nothing is cut any more. */
function heal(world: World): void {
  const [primary, ...others] = world.nodes;
  primary.step({ kind: 'followNobody' });
  for (const other of others) other.follow(primary.port);
  world.calm();
  primary.write(1, 'SET', 'last', 'word');
  world.calm(7, 5);
}

describe('histories', () => {
  for (const { name, disklessSync, disklessLoad } of [
    { name: 'streamed and loaded as they come', disklessSync: true, disklessLoad: true },
    { name: 'streamed and loaded when complete', disklessSync: true, disklessLoad: false },
    { name: 'with a length', disklessSync: false, disklessLoad: false },
  ]) {
    it(`same id and offset, same data: snapshots ${name}`, () => {
      fc.assert(
        fc.property(fc.array(action, { minLength: 5, maxLength: 60 }), (actions) => {
          const world = new World(NODES, () => ({ ...SMALL_OPTIONS, disklessSync, disklessLoad }));
          for (const replica of world.nodes.slice(1)) replica.follow(7000);
          flow(world, 12);
          for (const one of actions) perform(world, one);
          heal(world);
          const [primary, ...others] = world.nodes;
          for (const other of others) {
            expect(other.machine.id).toBe(primary.machine.id);
            expect(other.machine.offset).toBe(primary.machine.offset);
            expect(other.data).toEqual(primary.data);
          }
        }),
        { numRuns: 100 },
      );
    });
  }
});
