// Orders about replicas: who follows whom, and who takes whose place. Given to any node at any time, so that most are
// refused; sometimes two at once (valkey#3996).

import { NO_NODE } from '@slotmesh/topology';
import type { SimNode } from '../world/contract.ts';
import type { OperatorAction, OperatorContext } from './operator.ts';
import { anyNode, isThere, meetable, meetCommand, order, severFromAll } from './steps.ts';

export const replicate: OperatorAction = {
  name: 'replicate',
  title: 'makes a node a replica, of a primary and by mistake of a replica; often refused',
  weight: 4,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    yield order(node, { kind: 'replicate', id: context.dice.pick(context.world.nodes).id });
  },
};

function replicas({ nodes }: OperatorContext): SimNode[] {
  return nodes().filter(({ topology }) => topology.isReplica(topology.self));
}

export const failover: OperatorAction = {
  name: 'failover',
  title: 'hands a primary over to a replica, sometimes to two of them at once',
  weight: 6,
  *run(context) {
    const { dice } = context;
    const those = replicas(context);
    if (those.length === 0) return;
    const node = dice.pick(those);
    yield order(node, { kind: 'failover', mode: 'graceful' });
    const { topology } = node;
    const sibling = those.find(
      (one) =>
        one !== node &&
        isThere(one) &&
        idOfPrimary(one) !== null &&
        idOfPrimary(one) === idOfPrimary(node),
    );
    if (sibling === undefined || topology.isPrimary(topology.self) || !dice.chance(0.4)) return;
    yield order(sibling, { kind: 'failover', mode: 'graceful' });
  },
};

function idOfPrimary({ topology }: SimNode): string | null {
  const primary = topology.primaryOf(topology.self);
  return primary === NO_NODE ? null : topology.idOf(primary);
}

export const failoverForced: OperatorAction = {
  name: 'failover-forced',
  title: 'makes a replica a primary without asking its primary, or without asking anybody',
  weight: 2,
  *run(context) {
    const { dice } = context;
    const those = replicas(context);
    if (those.length === 0) return;
    yield order(dice.pick(those), {
      kind: 'failover',
      mode: dice.chance(0.6) ? 'force' : 'takeover',
    });
  },
};

/** A supervisor looks so often whether a process that was to end has ended. */
const STILL_ENDING_MS = 50;

export const shutdown: OperatorAction = {
  name: 'shutdown',
  title: 'ends a process by SIGTERM under load, and starts it again some time later (redis#9693)',
  weight: 3,
  *run(context) {
    const { world, dice } = context;
    const node = anyNode(context);
    if (node === null) return;
    const { life } = node;
    node.shutDown(dice);
    const { nodeTimeoutMs } = world.options.cluster;
    const pauseMs = dice.logarithmic(0.01, 5) * nodeTimeoutMs;
    const startAgain = (): void => {
      if (node.life !== life) return;
      if (node.isUp) world.after(STILL_ENDING_MS, startAgain);
      else node.start();
    };
    world.after(pauseMs, startAgain);
    yield `${node.index}: SIGTERM`;
  },
};

const NODES_MAX = 24;

export const addReplica: OperatorAction = {
  name: 'add-replica',
  title: 'starts a node, lets it meet a member and follow a primary, as add-node --cluster-replica',
  weight: 2,
  *run(context) {
    const { world, dice } = context;
    if (world.nodes.length >= NODES_MAX) return;
    const members = meetable(context);
    if (members.length === 0) return;
    const node = world.addNode();
    severFromAll(world, node);
    yield `${node.index} is started`;
    if (!isThere(node)) return;
    const member = dice.pick(members);
    yield order(node, meetCommand(member));
    // The tool asks until it knows whom it is to follow.
    for (let i = 0; i < 20; i++) {
      if (!isThere(node)) return;
      const primaries = [...node.topology.nodes()].filter((one) => node.topology.isVoter(one));
      if (primaries.length > 0) {
        const id = node.topology.idOf(dice.pick(primaries));
        yield order(node, { kind: 'replicate', id });
        return;
      }
      yield `${node.index} waits until it knows a primary`;
    }
  },
};
