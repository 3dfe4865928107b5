// A cluster of primaries with replicas, each node a process of its own that can be killed, paused and started again: ours
// or redis-server's. Tests, benches and the soak use it alike.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { type ClusterNode, clusterNodes } from '../../interop/support/cluster-view.ts';
import { untilAgreed } from '../../interop/support/fleet.ts';
import { type ServerKind, ServerProcess } from '../../interop/support/server-process.ts';
import { eventually, type WaitOptions } from '../../interop/support/wait.ts';
import { CutNetwork, type Seat } from './cut-network.ts';
import { replicationState } from './replication-state.ts';

/** The bus of a node listens this far above its port, unless it is told otherwise. */
const BUS_PORT_OFFSET = 10_000;

export interface ReplicaClusterOptions {
  readonly kind: ServerKind;
  /** 3 unless told otherwise. */
  readonly primaries?: number;
  readonly replicasPerPrimary?: number;
  readonly nodeTimeoutMs?: number;
  /** Further directives for every node, as on the command line. */
  readonly args?: readonly string[];
  /** Nodes reach each other through a network that can be cut; see `network`. */
  readonly cuttable?: boolean;
}

/** A node and its place. */
export interface Member {
  readonly server: ServerProcess;
  /** Its id in the cluster. */
  readonly id: string;
  /** Where the others believe that it listens. */
  readonly announcedPort: number;
  readonly seat: Seat | null;
}

/** The members that hold one range of slots, whoever of them is the primary. */
export interface Shard {
  readonly firstSlot: number;
  readonly lastSlot: number;
  readonly members: readonly Member[];
}

/** What all nodes get, of either kind: no files, quick synchronisation, and a backlog that outlives a fault. */
const DIRECTIVES = [
  ...['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0'],
  ...['--repl-backlog-size', '64mb', '--client-output-buffer-limit', ...['replica', '0', '0', '0']],
];

export class ReplicaCluster {
  readonly kind: ServerKind;
  readonly nodeTimeoutMs: number;
  readonly replicasPerPrimary: number;
  /** Null unless the cluster was started with `cuttable`. */
  readonly network: CutNetwork | null;
  readonly members: Member[] = [];
  readonly shards: Shard[] = [];
  readonly #args: readonly string[];
  readonly #paused = new Set<Member>();
  readonly #servers: ServerProcess[] = [];

  private constructor(options: ReplicaClusterOptions) {
    this.kind = options.kind;
    this.nodeTimeoutMs = options.nodeTimeoutMs ?? 2000;
    this.replicasPerPrimary = options.replicasPerPrimary ?? 1;
    this.network = options.cuttable ? new CutNetwork() : null;
    this.#args = [
      ...DIRECTIVES,
      ...['--cluster-node-timeout', String(this.nodeTimeoutMs)],
      ...(options.args ?? []),
    ];
  }

  /** Starts the nodes and forms the cluster; resolves when every replica has its primary's data. */
  static async start(options: ReplicaClusterOptions): Promise<ReplicaCluster> {
    const cluster = new ReplicaCluster(options);
    try {
      await cluster.#form(options.primaries ?? 3);
    } catch (error) {
      await cluster.dispose();
      const reason = (error as Error).message;
      throw new Error(`no cluster of ${options.kind.name}: ${reason}`, { cause: error });
    }
    return cluster;
  }

  /** Those whose process runs and is not paused: they answer. */
  get responsive(): Member[] {
    return this.members.filter((one) => one.server.isRunning && !this.#paused.has(one));
  }

  shardOf(member: Member): Shard {
    const shard = this.shards.find(({ members }) => members.includes(member));
    if (shard === undefined) throw new Error(`${member.server.address} is in no shard`);
    return shard;
  }

  /** Where the node listens that the others know at a port: what MOVED and CLUSTER SLOTS name, to a client's port. */
  realPort(announcedPort: number): number {
    const member = this.members.find((one) => one.announcedPort === announcedPort);
    return member?.server.port ?? announcedPort;
  }

  /** The member that says of itself that it is its shard's primary; the one of the newest epoch, where two say so. */
  async primaryOf(shard: Shard): Promise<Member | null> {
    const claims = await Promise.all(
      shard.members
        .filter((member) => this.responsive.includes(member))
        .map(async (member) => ({ member, self: await ownLine(member).catch(() => null) })),
    );
    const primaries = claims.flatMap(({ member, self }) =>
      self !== null && self.slots !== '' && self.flags.includes('master')
        ? [{ member, epoch: self.configEpoch }]
        : [],
    );
    primaries.sort((a, b) => b.epoch - a.epoch);
    return primaries[0]?.member ?? null;
  }

  async primariesNow(): Promise<Member[]> {
    const primaries = await Promise.all(this.shards.map((shard) => this.primaryOf(shard)));
    return primaries.map((primary, i) => {
      if (primary === null)
        throw new Error(`the shard of ${this.shards[i].firstSlot} has no primary`);
      return primary;
    });
  }

  /** Resolves with the replica that has taken over from a member which is dead, paused or cut off. */
  async untilReplaced(member: Member, options: WaitOptions = {}): Promise<Member> {
    const others = this.shardOf(member).members.filter((one) => one !== member);
    const shard = { ...this.shardOf(member), members: others };
    return eventually(
      `a replica takes over from ${member.server.address}`,
      async () => {
        const primary = await this.primaryOf(shard);
        if (primary === null) throw new Error('none has');
        return primary;
      },
      { timeoutMs: this.nodeTimeoutMs * 4 + 30_000, intervalMs: 20, ...options },
    );
  }

  /** kill -9. */
  async kill(member: Member): Promise<void> {
    this.#paused.delete(member);
    await member.server.kill('SIGKILL');
  }

  /** SIGTERM, and waits for the end. */
  async terminate(member: Member): Promise<void> {
    await member.server.kill('SIGTERM');
  }

  /** SIGSTOP. */
  pause(member: Member): void {
    this.#paused.add(member);
    member.server.pause();
  }

  /** SIGCONT. */
  resume(member: Member): void {
    this.#paused.delete(member);
    member.server.resume();
  }

  /** Starts the process again, with its folder and port. */
  async restart(member: Member): Promise<void> {
    await member.server.start();
  }

  /**
   * Waits until all agree on everything, the state is ok, and every shard has one primary and all its replicas in sync.
   * With `atRest` the replicas have also carried out all that their primary has: nobody may be writing then.
   */
  async untilSettled(options: WaitOptions & { readonly atRest?: boolean } = {}): Promise<void> {
    const servers = this.members.map((member) => member.server);
    const announcedPorts = this.members.map((member) => member.announcedPort);
    const timeoutMs = options.timeoutMs ?? 60_000 + 5 * this.nodeTimeoutMs;
    await untilAgreed(servers, { timeoutMs, announcedPorts });
    for (const shard of this.shards) {
      await eventually(
        `the shard of slot ${shard.firstSlot} is in sync`,
        () => this.#checkSync(shard, options.atRest ?? false),
        { timeoutMs, intervalMs: 50 },
      );
    }
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.dispose()));
    await this.network?.close();
  }

  async #checkSync(shard: Shard, atRest: boolean): Promise<void> {
    const states = await Promise.all(shard.members.map(({ server }) => replicationState(server)));
    const primaries = states.filter(({ role }) => role === 'primary');
    if (primaries.length !== 1) throw new Error(`${primaries.length} primaries`);
    const [primary] = primaries;
    if (primary.replicas !== shard.members.length - 1) {
      throw new Error(`the primary sees ${primary.replicas} replicas`);
    }
    for (const state of states) {
      if (state.stream !== primary.stream) throw new Error('streams differ');
      if (state !== primary && !state.linkUp) throw new Error('a link to a primary is down');
      if (atRest && state.offset !== primary.offset) {
        throw new Error(`a replica is at ${state.offset}, its primary at ${primary.offset}`);
      }
    }
  }

  // ---- the beginning ----------------------------------------------------------------------------------------------

  async #form(primaries: number): Promise<void> {
    const count = primaries * (1 + this.replicasPerPrimary);
    const seats: (Seat | null)[] = [];
    for (let i = 0; i < count; i++) seats.push((await this.network?.addSeat()) ?? null);
    const started = await Promise.allSettled(seats.map((seat) => this.#startMember(seat)));
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    const members = started.map((one) => (one as PromiseFulfilledResult<Member>).value);
    this.members.push(...members);
    for (let i = 0; i < primaries; i++) {
      const [firstSlot, next] = [i, i + 1].map((n) => Math.floor((n * SLOT_COUNT) / primaries));
      // Every n-th is of the same shard.
      const shard = members.filter((_, m) => m % primaries === i);
      this.shards.push({ firstSlot, lastSlot: next - 1, members: shard });
      await shard[0].server.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      await shard[0].server.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot, next - 1);
    }
    for (const { announcedPort, seat } of members.slice(1)) {
      const busPort = seat?.busPort ?? announcedPort + BUS_PORT_OFFSET;
      await members[0].server.call('CLUSTER', 'MEET', '127.0.0.1', announcedPort, busPort);
    }
    await this.#untilAllKnown(members);
    for (const { members: shard } of this.shards) {
      for (const replica of shard.slice(1)) {
        await replica.server.call('CLUSTER', 'REPLICATE', shard[0].id);
      }
    }
    await this.untilSettled({ atRest: true });
  }

  async #startMember(seat: Seat | null): Promise<Member> {
    const server = await ServerProcess.start(this.kind, [...this.#args, ...announcements(seat)]);
    this.#servers.push(server);
    const { port } = server;
    if (seat !== null) this.network?.connect(seat, { port, busPort: port + BUS_PORT_OFFSET });
    const id = await server.text('CLUSTER', 'MYID');
    return { server, id, announcedPort: seat?.clientPort ?? port, seat };
  }

  async #untilAllKnown(members: readonly Member[]): Promise<void> {
    await eventually('all nodes know each other', async () => {
      for (const { server } of members) {
        const nodes = await clusterNodes(server);
        const known = nodes.filter(({ flags }) => !flags.includes('handshake'));
        if (known.length !== members.length) {
          throw new Error(`${server.address} knows ${known.length} of ${members.length}`);
        }
      }
    });
  }
}

function announcements(seat: Seat | null): string[] {
  if (seat === null) return [];
  return [
    ...['--bind-source-addr', seat.sourceAddress, '--cluster-announce-ip', '127.0.0.1'],
    ...['--cluster-announce-port', String(seat.clientPort)],
    ...['--cluster-announce-bus-port', String(seat.busPort)],
  ];
}

async function ownLine({ server }: Member): Promise<ClusterNode | null> {
  const nodes = await clusterNodes(server);
  return nodes.find(({ flags }) => flags.includes('myself')) ?? null;
}
