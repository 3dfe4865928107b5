// Makes one cluster of nodes that run, by the commands that an operator would send: each gets its share of the slots and
// an epoch of its own, all meet the first, and then they are asked until all say the same. Every step looks first what is
// there, so a start that was cut short is completed by the next one, and a cluster that stands is left as it is.

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
  /** `0-5460`. */
  readonly slots: string;
}

export interface FormOptions {
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
    for (const [i, client] of clients.entries()) await prepare(client, i, nodes.length);
    for (const [i, client] of clients.entries()) {
      // All meet the first and hear of each other by gossip; a few meet everybody at once, which is quicker.
      for (const other of nodes.slice(0, nodes.length <= MESH_MAX ? i : Math.min(i, 1))) {
        await client.call('CLUSTER', 'MEET', other.host, other.port, other.busPort);
      }
    }
    await agree(clients, options);
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

async function agree(clients: readonly RespClient[], options: FormOptions): Promise<void> {
  const giveUpAt = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const problem = await disagreement(clients);
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

/** Ids, epochs and slots of all nodes; handshakes and failures show, times and links do not. */
function signature(nodesText: string): string {
  return nodeLines(nodesText)
    .map(([id, , flags, , , , epoch, , ...slots]) =>
      [id, flags.replace('myself,', ''), epoch, ...slots].join(' '),
    )
    .sort()
    .join('\n');
}

async function describe(client: RespClient, nodes: readonly NodeEndpoint[]): Promise<FormedNode[]> {
  const lines = nodeLines(await client.call('CLUSTER', 'NODES'));
  return nodes.map(({ port }) => {
    const line = lines.find(([, address]) => address.split('@')[0].endsWith(`:${port}`));
    if (line === undefined) throw new Error(`no node of the cluster listens on port ${port}`);
    return { id: line[0], port, slots: line.slice(8).join(' ') };
  });
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
