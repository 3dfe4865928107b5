// The servers of one test file, all ended and removed after it, and what several of them say about their cluster.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { runRedisCli, type ToolResult } from '../../../../../scripts/testing/redis-server.ts';
import { type ClusterNode, clusterInfo, clusterNodes } from './cluster-view.ts';
import { type ServerKind, ServerProcess } from './server-process.ts';
import { eventually, type WaitOptions } from './wait.ts';

/** Use it with `afterAll(() => fleet.dispose())`. */
export class Fleet {
  readonly servers: ServerProcess[] = [];

  /** Starts one server of each kind given, all at once. */
  async start(
    kinds: readonly ServerKind[],
    args: readonly string[] = [],
  ): Promise<ServerProcess[]> {
    const started = await Promise.allSettled(kinds.map((kind) => ServerProcess.start(kind, args)));
    const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    this.servers.push(...servers);
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    return servers;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.servers.splice(0).map((server) => server.dispose()));
  }
}

/** `redis-cli --cluster create` over the servers, all primaries. */
export function createByRedisCli(
  servers: readonly ServerProcess[],
  options: { readonly timeoutMs?: number } = {},
): Promise<ToolResult> {
  const addresses = servers.map((server) => server.address);
  return runRedisCli(['--cluster', 'create', ...addresses, '--cluster-yes'], {
    timeoutMs: 90_000,
    ...options,
  });
}

/** Joins the servers and gives them equal shares of the slots, without redis-cli's care for distinct epochs. */
export async function formClusterByHand(servers: readonly ServerProcess[]): Promise<void> {
  const first = servers[0];
  for (const [i, server] of servers.entries()) {
    if (server !== first) await first.call('CLUSTER', 'MEET', '127.0.0.1', server.port);
    const [start, next] = [i, i + 1].map((n) => Math.floor((n * SLOT_COUNT) / servers.length));
    await server.call('CLUSTER', 'ADDSLOTSRANGE', start, next - 1);
  }
  await untilAgreed(servers);
}

/** Creates the cluster and waits until all servers serve it; for tests whose subject is not the creation itself. */
export async function formCluster(servers: readonly ServerProcess[]): Promise<void> {
  const { code, stdout, stderr } = await createByRedisCli(servers);
  if (code !== 0) throw new Error(`redis-cli --cluster create: ${code}\n${stdout}\n${stderr}`);
  await untilAgreed(servers);
}

/**
 * What every member must report alike about every node. Links and times differ by nature, `myself` too; slots and epochs
 * must not.
 */
function commonView(nodes: readonly ClusterNode[]): string {
  return nodes
    .map(({ id, address, busPort, flags, primaryId, configEpoch, slots }) => {
      const common = flags.filter((flag) => flag !== 'myself').join(',');
      return `${id} ${address}@${busPort} ${common} ${primaryId} ${configEpoch} ${slots}`;
    })
    .sort()
    .join('\n');
}

/**
 * Waits until all servers know all of them and nobody else, say the same of each, with distinct config epochs for the
 * primaries, links up, and the cluster's state is ok. Gives the nodes as the first server lists them.
 */
export function untilAgreed(
  servers: readonly ServerProcess[],
  options: WaitOptions & {
    /** Where the servers say that they listen: what they announce, where that is something else. */
    readonly announcedPorts?: readonly number[];
  } = {},
): Promise<ClusterNode[]> {
  const { announcedPorts = servers.map((server) => server.port) } = options;
  const ports = [...announcedPorts].sort((a, b) => a - b);
  return eventually(
    `${servers.length} nodes agree`,
    async () => {
      const views = await Promise.all(servers.map(clusterNodes));
      const infos = await Promise.all(servers.map(clusterInfo));
      const known = views[0].map(({ port }) => port).sort((a, b) => a - b);
      const wrong = [
        ...(known.join() === ports.join() ? [] : [`known are ${known}, running ${ports}`]),
        ...views.flatMap((view, i) =>
          commonView(view) === commonView(views[0]) ? [] : [`${servers[i].address} differs`],
        ),
        ...infos.flatMap((info, i) =>
          info.get('cluster_state') === 'ok' ? [] : [`${servers[i].address} is not ok`],
        ),
        ...(new Set(infos.map((info) => info.get('cluster_current_epoch'))).size === 1
          ? []
          : ['current epochs differ']),
        ...views
          .flat()
          .flatMap(({ linkState, flags, address }) =>
            linkState === 'connected' && !flags.some((flag) => /fail|handshake|noaddr/.test(flag))
              ? []
              : [`${address} is ${linkState} and ${flags}`],
          ),
        ...(distinctEpochs(views[0]) ? [] : ['primaries share a config epoch']),
      ];
      if (wrong.length > 0) {
        const text = views.map((view, i) => `${servers[i].address}\n${commonView(view)}`);
        throw new Error([...new Set(wrong), ...text].join('\n'));
      }
      return views[0];
    },
    { timeoutMs: 60_000, ...options },
  );
}

function distinctEpochs(nodes: readonly ClusterNode[]): boolean {
  const epochs = nodes.filter(({ primaryId }) => primaryId === '-').map((node) => node.configEpoch);
  return new Set(epochs).size === epochs.length;
}
