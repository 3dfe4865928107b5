// How the nodes of a run become a cluster: as redis-cli makes one (slots, epochs, then every node
// meets the first), or from files that say that they are one already.

import type { ClusterNode } from './world/cluster-node.ts';
import type { ClusterWorld } from './world/cluster-world.ts';
import { primaryNumber, type Roles, sharesOf, startFromFiles } from './world/from-files.ts';

/** The tool waits before nodes meet: epochs must be set while they are alone. */
const BEFORE_MEETING_MS = 1000;

/** Starts the nodes of the run. They are a cluster some time later. */
export function formCluster(world: ClusterWorld): void {
  const { nodes: size, start } = world.options;
  const nodes = Array.from({ length: size }, () => world.createNode());
  if (start === 'meet') meetAll(world, nodes);
  else startFromFiles(nodes, rolesOf(world), world.dice('identity'));
}

function rolesOf({ options }: ClusterWorld): Roles {
  return { voters: options.voters, replicas: options.replication.replicas };
}

/** When all nodes know each other: the tool makes replicas of those that are to be. False: it is not done yet. */
export function makeReplicas(world: ClusterWorld): boolean {
  const { nodes } = world;
  let isDone = true;
  nodes.forEach((node, i) => {
    const number = primaryNumber(i, rolesOf(world));
    if (number === -1) return;
    if (node.topology.isReplica(node.topology.self)) {
      isDone &&= node.replicator.facts.link?.isUp === true;
      return;
    }
    isDone = false;
    node.execute({ kind: 'replicate', id: nodes[number].id });
  });
  return isDone;
}

function meetAll(world: ClusterWorld, nodes: readonly ClusterNode[]): void {
  for (const node of nodes) node.start();
  const shares = sharesOf(world.options.voters);
  nodes.forEach((node, i) => {
    if (i < shares.length) node.execute({ kind: 'addSlots', slots: [...shares[i]] });
    node.execute({ kind: 'setConfigEpoch', epoch: i + 1 });
  });
  const { host, port } = nodes[0].place;
  world.after(BEFORE_MEETING_MS, () => {
    for (const node of nodes.slice(1)) {
      node.execute({ kind: 'meet', host, port, busPort: port + 10_000 });
    }
  });
}
