// Makes one cluster of nodes that run, by the commands that an operator would send: each primary gets its share of the
// slots and an epoch of its own, all meet the first, the others become replicas, and then they are asked until all say the
// same. Every step looks first what is there, so a start that was cut short is completed by the next one, and a cluster
// that stands is left as it is, whoever has taken whose place meanwhile.

import { setTimeout as delay } from 'node:timers/promises';
import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { RespClient } from './resp-client.ts';

/** Where a node listens. */
export interface NodeEndpoint {
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
}

/** A node as the cluster shows it. */
export interface FormedNode {
  readonly id: string;
  readonly port: number;
  /** `0-5460`; '' of a replica. */
  readonly slots: string;
  /** The port of the node that it replicates; null of a primary. */
  readonly primaryPort: number | null;
}

export interface FormOptions {
  /** Of each primary; default 0. The primaries come first among the nodes, then a replica of each, and so on. */
  readonly replicas?: number;
  /** How long all of it may take. */
  readonly timeoutMs: number;
  /** Calls it off. */
  readonly signal?: AbortSignal;
}

const POLL_MS = 50;
/** Up to so many nodes meet each other one by one. */
const MESH_MAX = 12;

/** Resolves when all nodes agree and serve every slot; rejects with the last answer when the time is over. */
export async function formCluster(
  nodes: readonly NodeEndpoint[],
  options: FormOptions,
): Promise<FormedNode[]> {
  const clients = await Promise.all(nodes.map(({ host, port }) => RespClient.open(host, port)));
  try {
    const primaries = nodes.length / (1 + (options.replicas ?? 0));
    for (let i = 0; i < primaries; i++) await prepare(clients[i], i, primaries);
    for (const [i, client] of clients.entries()) {
      // All meet the first and hear of each other by gossip; a few meet everybody at once, which is quicker.
      for (const other of nodes.slice(0, nodes.length <= MESH_MAX ? i : Math.min(i, 1))) {
        await client.call('CLUSTER', 'MEET', other.host, other.port, other.busPort);
      }
    }
    await until(() => disagreement(clients), options);
    if (primaries < nodes.length) await addReplicas(clients, primaries);
    await until(async () => (await disagreement(clients)) ?? (await unfollowed(clients)), options);
    return await describe(clients[0], nodes);
  } finally {
    for (const client of clients) client.close();
  }
}

/** The slots of node `index` of `count`: as even as can be, in order. */
export function slotShare(index: number, count: number): { start: number; end: number } {
  const start = Math.round((index * SLOT_COUNT) / count);
  return { start, end: Math.round(((index + 1) * SLOT_COUNT) / count) - 1 };
}

async function prepare(client: RespClient, index: number, count: number): Promise<void> {
  const info = fields(await client.call('CLUSTER', 'INFO'));
  const isAlone = info.get('cluster_known_nodes') === '1';
  if (isAlone && info.get('cluster_slots_assigned') === '0') {
    const { start, end } = slotShare(index, count);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', start, end);
  }
  if (isAlone && info.get('cluster_my_epoch') === '0') {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
}

/** Every node beyond the primaries that has no slots and replicates nobody becomes a replica. */
async function addReplicas(clients: readonly RespClient[], primaries: number): Promise<void> {
  const ids = await Promise.all(clients.map((client) => client.call('CLUSTER', 'MYID')));
  for (let i = primaries; i < clients.length; i++) {
    const lines = nodeLines(await clients[i].call('CLUSTER', 'NODES'));
    const lineOf = (id: string) => lines.find((line) => line[0] === id) as string[];
    const [, , , primary, , , , , ...slots] = lineOf(ids[i]);
    if (primary !== '-' || slots.length > 0) continue;
    const planned = ids[i % primaries];
    const actual = lineOf(planned)[3];
    await clients[i].call('CLUSTER', 'REPLICATE', actual === '-' ? planned : actual);
  }
}

/** A replica that has not got its primary's data yet; null if there is none. */
async function unfollowed(clients: readonly RespClient[]): Promise<string | null> {
  for (const client of clients) {
    const info = fields(await client.call('INFO', 'replication'));
    if (info.get('role') === 'slave' && info.get('master_link_status') !== 'up') {
      return `a replica does not have the data of the node on port ${info.get('master_port')} yet`;
    }
  }
  return null;
}

/** A node that has just got its primary's data, or its own, is busy for a moment. */
function whileLoading(error: Error): string {
  if (error.message.startsWith('LOADING ')) return 'a node is loading its data';
  throw error;
}

/** Asks again and again, until there is no problem. */
async function until(ask: () => Promise<string | null>, options: FormOptions): Promise<void> {
  const giveUpAt = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const problem = await ask().catch(whileLoading);
    if (problem === null) return;
    if (performance.now() > giveUpAt) throw new Error(`the nodes do not agree: ${problem}`);
    await delay(POLL_MS);
  }
}

/** What is still to come before all nodes serve all slots and see the same owners; null if nothing. */
async function disagreement(clients: readonly RespClient[]): Promise<string | null> {
  const views = new Set<string>();
  for (const client of clients) {
    const info = fields(await client.call('CLUSTER', 'INFO'));
    const known = Number(info.get('cluster_known_nodes'));
    if (known !== clients.length) return `${known} of ${clients.length} nodes know each other`;
    if (info.get('cluster_state') !== 'ok') return `cluster_state:${info.get('cluster_state')}`;
    views.add(signature(await client.call('CLUSTER', 'NODES')));
  }
  return views.size === 1 ? null : 'slots and epochs differ from node to node';
}

/** Ids, roles, epochs and slots of all nodes; handshakes and failures show, times and links do not. */
function signature(nodesText: string): string {
  return nodeLines(nodesText)
    .map(([id, , flags, primary, , , epoch, , ...slots]) =>
      [id, flags.replace('myself,', ''), primary, epoch, ...slots].join(' '),
    )
    .sort()
    .join('\n');
}

async function describe(client: RespClient, nodes: readonly NodeEndpoint[]): Promise<FormedNode[]> {
  const lines = nodeLines(await client.call('CLUSTER', 'NODES'));
  return nodes.map(({ port }) => {
    const line = lines.find((one) => portOf(one) === port);
    if (line === undefined) throw new Error(`no node of the cluster listens on port ${port}`);
    const primary = lines.find(([id]) => id === line[3]);
    const primaryPort = primary === undefined ? null : portOf(primary);
    return { id: line[0], port, slots: line.slice(8).join(' '), primaryPort };
  });
}

function portOf([, address]: readonly string[]): number {
  return Number(/:(\d+)@/.exec(address)?.[1]);
}

function nodeLines(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
}

function fields(text: string): Map<string, string> {
  return new Map(text.split('\r\n').map((line) => line.split(':', 2) as [string, string]));
}
