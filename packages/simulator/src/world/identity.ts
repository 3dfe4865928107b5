// Names and places of simulated nodes.

import type { NodesConf } from '@slotmesh/nodes-conf';
import { Topology } from '@slotmesh/topology';
import type { Dice } from '../random.ts';
import type { Place } from './contract.ts';

/** 40 hex digits, as a node that starts for the first time takes for itself. */
export function newId(dice: Dice): string {
  const words = Array.from({ length: 5 }, () => dice.uint32().toString(16).padStart(8, '0'));
  // Joined, and not added to each other: such a text would be in two places of memory, and it is read with every entry.
  return interned(words.join(''));
}

/**
 * The same text, as the one object that all equal texts share in this process. Names are compared all the time: those
 * that are one object are the same at a glance, and those that were cut out of a file are slow to read.
 */
export function interned(text: string): string {
  // The name of a property is such an object, and the engine flattens what becomes one.
  const properties: { [name: string]: true } = Object.create(null);
  properties[text] = true;
  return Object.keys(properties)[0];
}

/** A file's rows, with names that are one object wherever they stand. */
export function withInternedNames(conf: NodesConf): NodesConf {
  const nodes = conf.nodes.map((node) => ({
    ...node,
    id: interned(node.id),
    host: interned(node.host),
    shardId: interned(node.shardId),
    primary: node.primary === null ? null : interned(node.primary),
  }));
  return { ...conf, nodes };
}

/** Hosts of a network of 256 addresses: the first and the last of them are none. */
const HOSTS = 254;

/** The n-th address of the simulated network, from 0. */
export function placeOf(n: number): Place {
  const network = Math.floor(n / HOSTS);
  const host = interned(`10.${network >>> 8}.${network & 255}.${(n % HOSTS) + 1}`);
  return { host, port: 7000 };
}

/** The bus of a node listens so far above its port. */
export const BUS_PORT_OFFSET = 10_000;

/** The table of a node that nobody knows yet. */
export function newTopology(dice: Dice, port: number, nowMs: number): Topology {
  const address = { host: '', altPort: 0, port, busPort: port + BUS_PORT_OFFSET };
  return new Topology({ id: newId(dice), address, createdMs: nowMs, shardId: newId(dice) });
}
