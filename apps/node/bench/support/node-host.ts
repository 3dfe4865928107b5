// Many nodes in one process, for the bench of a large cluster, which starts this file as a process of its own: what is
// measured here is then the nodes and nothing else. The parent asks by messages and gets one answer to each.

import { createHash } from 'node:crypto';
import { freeClusterPort, temporaryDirectory } from '../../../../scripts/testing/ports.ts';
import { Config } from '../../src/config/config.ts';
import { findDirective } from '../../src/config/table/index.ts';
import { Node } from '../../src/node.ts';

/** What the parent says first; `report` and `stop` follow. */
export interface StartRequest {
  readonly kind: 'start';
  readonly nodes: number;
  readonly nodeTimeoutMs: number;
}
export type Request = StartRequest | { readonly kind: 'report' } | { readonly kind: 'stop' };

/** Sums over the nodes of this process, since its start. */
export interface Report {
  readonly ports: readonly number[];
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly sentBytes: number;
  readonly sentMessages: number;
  /** A digest of every different view that the nodes have: ids, epochs, slots, failures. One, if they agree. */
  readonly views: readonly string[];
  /** How many nodes each node knows, the least of them. */
  readonly knownMin: number;
}

const directory = temporaryDirectory('slotmesh-bench-');
const nodes: Node[] = [];

process.on('message', async (request: Request) => {
  if (request.kind === 'start') await start(request);
  if (request.kind === 'stop') {
    await Promise.all(nodes.map((node) => node.stop()));
    await directory.remove();
    process.exit(0);
  }
  process.send?.(report());
});
process.on('disconnect', () => process.exit(1));

async function start({ nodes: count, nodeTimeoutMs }: StartRequest): Promise<void> {
  for (let i = 0; i < count; i++) {
    const port = await freeClusterPort();
    const config = new Config();
    for (const [name, value] of [
      ['bind', '127.0.0.1'],
      ['cluster-enabled', 'yes'],
      ['cluster-config-file', `nodes-${port}.conf`],
      ['cluster-node-timeout', String(nodeTimeoutMs)],
      ['port', String(port)],
      ['dir', directory.path],
    ]) {
      const directive = findDirective(name);
      if (directive === undefined) throw new Error(`there is no directive ${name}`);
      config.load(directive, [value]);
    }
    nodes.push(await Node.start({ config, writeLog: () => {}, writableDelayMs: 0 }));
  }
}

function report(): Report {
  const { user, system } = process.cpuUsage();
  const views = new Set<string>();
  let sentBytes = 0;
  let sentMessages = 0;
  let knownMin = Number.POSITIVE_INFINITY;
  for (const { cluster } of nodes) {
    if (cluster === null) continue;
    const { topology } = cluster;
    const lines: string[] = [];
    for (const node of topology.nodes()) {
      const doubt = topology.isFail(node) || topology.isPfail(node) ? ' failing' : '';
      const epoch = topology.configEpochOf(node);
      lines.push(`${topology.idOf(node)} ${epoch} ${topology.slotsOf(node)}${doubt}`);
    }
    knownMin = Math.min(knownMin, lines.length);
    views.add(createHash('sha1').update(lines.sort().join('\n')).digest('hex'));
    sentBytes += cluster.bus.sentBytes;
    for (const { sent } of cluster.messageCounts()) sentMessages += sent;
  }
  return {
    ports: nodes.map(({ port }) => port),
    cpuMs: (user + system) / 1000,
    residentBytes: process.memoryUsage.rss(),
    sentBytes,
    sentMessages,
    views: [...views],
    knownMin,
  };
}
