// What a node says about the cluster, taken apart: CLUSTER NODES and CLUSTER INFO as any client reads them.

/** Anything that answers commands with text. */
export interface Askable {
  text(...args: readonly (string | number)[]): Promise<string>;
}

/** One line of CLUSTER NODES. */
export interface ClusterNode {
  readonly id: string;
  /** `127.0.0.1:7000` */
  readonly address: string;
  readonly port: number;
  readonly busPort: number;
  readonly flags: readonly string[];
  /** `-` for a primary. */
  readonly primaryId: string;
  readonly configEpoch: number;
  readonly linkState: string;
  /** Ranges in the line's own words: `0-5460 10923`. */
  readonly slots: string;
}

/** CLUSTER NODES of one node. */
export async function clusterNodes(server: Askable): Promise<ClusterNode[]> {
  return parseClusterNodes(await server.text('CLUSTER', 'NODES'));
}

/** What a node says of itself. */
export async function myself(server: Askable): Promise<ClusterNode> {
  const nodes = await clusterNodes(server);
  const found = nodes.find(({ flags }) => flags.includes('myself'));
  if (found === undefined) throw new Error('a node does not list itself');
  return found;
}

/** What `observer` says of the node that listens on a port. */
export async function nodeOn(observer: Askable, port: number): Promise<ClusterNode> {
  const nodes = await clusterNodes(observer);
  const found = nodes.find((node) => node.port === port);
  if (found === undefined) throw new Error(`nobody is known on port ${port}`);
  return found;
}

/** The lines of CLUSTER NODES or of a nodes.conf file without its `vars` line. */
export function parseClusterNodes(text: string): ClusterNode[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('vars '))
    .map((line) => {
      const [id, where, flags, primaryId, , , epoch, linkState, ...slots] = line.split(' ');
      const match = /^(.*):(\d+)@(\d+)/.exec(where);
      if (match === null) throw new Error(`no address in ${JSON.stringify(line)}`);
      return {
        id,
        address: `${match[1]}:${match[2]}`,
        port: Number(match[2]),
        busPort: Number(match[3]),
        flags: flags.split(','),
        primaryId,
        configEpoch: Number(epoch),
        linkState,
        slots: slots.join(' '),
      };
    });
}

/** CLUSTER INFO of one node, by field. */
export async function clusterInfo(server: Askable): Promise<Map<string, string>> {
  return fields(await server.text('CLUSTER', 'INFO'));
}

/** The fields of an INFO text. */
export function fields(text: string): Map<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
}
