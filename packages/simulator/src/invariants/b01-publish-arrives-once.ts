// B1. A message that a client publishes reaches the other nodes once at most; and at rest, over links
// that stand, it reaches every one of them. The bus keeps no messages for nodes that it cannot reach,
// so before that nobody promises more. What goes to a shard stays in it.
//
// A node that got another id, or another address, may be in a table twice for a while, and be sent the
// message as both: once somebody did, "once" is not asked of that run any more.
//
// Asked of the messages of the workload that publishes, each of which is another one. The number, B1,
// is not of the list of safety rules, which has none for them.

import { numberOf } from '../workload/publishes.ts';
import type { Connection, Publication, SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

interface Published {
  readonly by: SimNode;
  readonly sharded: boolean;
  /** Its shard, when it was published. */
  readonly shard: ReadonlySet<SimNode>;
  readonly reached: Set<SimNode>;
  /** Those that it has to reach. */
  readonly expected: readonly SimNode[];
}

const ADDRESS_FAULTS: ReadonlySet<string> = new Set(['swap-addresses', 'relocate', 'strangers']);

export const publishArrivesOnce: Invariant = {
  id: 'B1',
  title: 'What is published reaches a node once at most, and at rest every node that it should',
  source: 'cluster specification, "Publish/Subscribe"',
  assumes: ['tcp', 'bus'],
  watch(world) {
    const mayStray = world.options.faults.some(({ name }) => ADDRESS_FAULTS.has(name));
    const messages = new Map<number, Published>();
    /** The connections that were open when the cluster came to rest. */
    let standing: readonly Connection[] | null = null;
    /** By node: its id and address. */
    const names = new Map<SimNode, string>();
    let hasChanged = false;
    const nameOf = ({ id, place }: SimNode): string => `${id} ${place.host}:${place.port}`;
    return {
      started(node) {
        const name = nameOf(node);
        if (names.has(node) && names.get(node) !== name) hasChanged = true;
        names.set(node, name);
        return null;
      },
      executed(node, command) {
        if (command.kind === 'reset' && names.get(node) !== nameOf(node)) hasChanged = true;
        return null;
      },
      published(by, publication) {
        const number = numberOf(publication);
        if (number === null) return null;
        const { sharded } = publication;
        const expected = standing === null ? [] : expectedAt(by, sharded, standing);
        // Where addresses change hands, a link may lead to another node.
        const shard = new Set(
          world.nodes.filter((one) => mayStray || (one.isUp && areOneShard(by, one))),
        );
        messages.set(number, { by, sharded, shard, reached: new Set(), expected });
        return null;
      },
      delivered(node, publication) {
        const number = numberOf(publication);
        if (number === null) return null;
        const known = messages.get(number);
        return known === undefined
          ? 'was handed a message that nobody published'
          : reach(known, node, publication, hasChanged);
      },
      atRest() {
        if (standing === null) {
          standing = world.network
            .connections()
            .filter(({ isOpen, channel }) => isOpen && channel === 'bus');
          return null;
        }
        return missed(messages.values(), world);
      },
    };
  },
};

function reach(
  known: Published,
  node: SimNode,
  { sharded }: Publication,
  mayRepeat: boolean,
): Verdict {
  const { by, reached } = known;
  if (sharded !== known.sharded) return `got a message of node ${by.index} as another kind`;
  if (node === by) return 'got a message that was published here back';
  if (reached.has(node) && !mayRepeat) return `got a message of node ${by.index} twice`;
  if (sharded && !known.shard.has(node) && !areOneShard(node, by) && !areOneShard(by, node)) {
    return `got a message that node ${by.index} published to its shard`;
  }
  reached.add(node);
  return null;
}

function expectedAt(by: SimNode, sharded: boolean, standing: readonly Connection[]): SimNode[] {
  return standing
    .filter(({ from, to, isOpen }) => from === by && isOpen && (!sharded || areOneShard(by, to)))
    .map(({ to }) => to);
}

/** In the first one's table. */
function areOneShard({ topology }: SimNode, other: SimNode): boolean {
  const shardOf = (node: typeof topology.self): number => {
    const primary = topology.primaryOf(node);
    return primary < 0 ? node : primary;
  };
  const there = topology.find(other.id);
  if (there < 0) return false;
  const shardId = topology.shardIdOf(topology.self);
  if (shardId !== '' && topology.shardIdOf(there) === shardId) return true;
  return shardOf(there) === shardOf(topology.self);
}

function missed(messages: Iterable<Published>, { nodes }: World): Verdict {
  for (const { by, sharded, reached, expected } of messages) {
    const without = expected.filter((node) => nodes.includes(node) && !reached.has(node));
    if (without.length === 0) continue;
    const whom = without.map(({ index }) => index).join(' ');
    return `what node ${by.index} published${sharded ? ' to its shard' : ''} did not reach ${whom}`;
  }
  return null;
}
