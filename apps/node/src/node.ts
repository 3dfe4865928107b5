// One node: everything that a server process consists of, so that many of them fit in one process. It owns its sockets,
// its timers and its files; it neither reads the command line nor ends the process.

import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandProcessor, type Ports, type ShutdownRequest } from '@slotmesh/commands';
import { SlotSet } from '@slotmesh/crc16-slots';
import { ClusterClock, FileError, type Listener, replaceFileSync, TurnEnd } from '@slotmesh/io';
import { type Keyspace, MemoryKeyspace } from '@slotmesh/keyspace';
import { seededRandom } from '@slotmesh/machine';
import { ClientServer } from './client/client-server.ts';
import type { Durability } from './client/client-session.ts';
import { ClusterNode } from './cluster/cluster-node.ts';
import { fileReason, initialTopology, openNodesFile } from './cluster/saved-state.ts';
import type { Config } from './config/config.ts';
import { readConfigFile } from './config/load.ts';
import { rewriteConfigText } from './config/rewrite.ts';
import { systemText } from './config/system-text.ts';
import { banner } from './log/banner.ts';
import { Logger, type LogLevel, logWriter } from './log/logger.ts';
import { Persistence } from './persistence/persistence.ts';
import { NodeStartError } from './process/errors.ts';
import { KeyUpkeep } from './process/key-upkeep.ts';
import { listenOnAll, listenOnUnixSocket } from './process/listeners.ts';
import { FactGatherer } from './process/server-facts.ts';
import { Shutdown } from './process/shutdown.ts';
import { REDIS_VERSION, VERSION } from './process/version.ts';
import { WallClock } from './process/wall-clock.ts';
import { NodeReplication } from './replication/node-replication.ts';
import { carryOutRole } from './replication/role-effects.ts';

/** The bus listens this far above the client port unless `cluster-port` says otherwise. */
const BUS_PORT_OFFSET = 10_000;
const PORT_MAX = 65_535;
const HOUSEKEEPING_MS = 100;
/** How SIGTERM ends a node. */
const ORDERLY: ShutdownRequest = { save: 'default', now: false, force: false };

export interface NodeOptions {
  readonly config: Config;
  /** The file that CONFIG REWRITE writes, absolute; '' = none. */
  readonly configFile?: string;
  /** Where log lines go; by default where `logfile` says. */
  readonly writeLog?: (line: string) => void;
  /** The node has ended by itself: SHUTDOWN (null), or it could not go on. By default nothing happens. */
  readonly onEnd?: (error: Error | null) => void;
  /** It accepts connections, and will load its data now: from here on it can be stopped. */
  readonly onListening?: (node: Node) => void;
  /** The logo in place of the line about the port. */
  readonly showsLogo?: boolean;
  /** How long a primary waits after its start before it calls the cluster ok, milliseconds; as configured if not given. */
  readonly writableDelayMs?: number;
}

/** A running node. */
export class Node {
  readonly config: Config;
  readonly log: Logger;
  readonly #options: NodeOptions;
  readonly #turnEnd = new TurnEnd();
  readonly #clock = new ClusterClock();
  readonly #wallClock = new WallClock(this.#clock);
  readonly #random = seededRandom(...randomWords());
  readonly #durability: Durability = { unsaved: () => this.#cluster?.unsaved() ?? null };
  readonly #listeners: Listener[] = [];
  readonly #keyspace: Keyspace;
  readonly #keyUpkeep: KeyUpkeep;
  readonly #persistence: Persistence;
  readonly #replication: NodeReplication;
  readonly #shutdown: Shutdown;
  readonly #processor: CommandProcessor;
  readonly #clients: ClientServer;
  readonly #facts: FactGatherer;
  readonly #ports: { -readonly [Name in keyof Ports]: Ports[Name] };
  #cluster: ClusterNode | null = null;
  #housekeeping: NodeJS.Timeout | undefined;
  #secondsAtMs = 0;
  #started = false;
  #stopping: Promise<boolean> | null = null;

  private constructor(options: NodeOptions) {
    const { config } = options;
    this.#options = options;
    this.config = config;
    this.log = new Logger({
      write: options.writeLog ?? logWriter(this.#path('logfile')),
      level: () => config.text('loglevel') as LogLevel,
      role: () => this.#logRole(),
      processId: process.pid,
    });
    const isCluster = config.isOn('cluster-enabled');
    const [low, high] = randomWords();
    this.#keyspace = new MemoryKeyspace({
      databases: isCluster ? 1 : config.number('databases'),
      bySlot: isCluster,
      hashKey: { low, high },
    });
    this.#persistence = new Persistence({
      config,
      log: this.log,
      keyspace: this.#keyspace,
      databases: () => this.#processor.databases,
      bySlot: isCluster,
      path: () => this.#path('dbfilename'),
      savedHistory: () => this.#replication.savedHistory(),
      changed: () => this.#processor.replicationChanged(),
    });
    this.#replication = new NodeReplication({
      config,
      log: this.log,
      turnEnd: this.#turnEnd,
      clock: this.#clock,
      commandClock: this.#wallClock,
      random: seededRandom(...randomWords()),
      persistence: this.#persistence,
      isEmpty: () => this.#sum((database) => database.size) === 0,
      nodeId: () => {
        const topology = this.#cluster?.topology;
        return topology === undefined ? null : topology.idOf(topology.self);
      },
      streamLimits: () => this.#clients.commandLimits(true),
      keepsSilent: () => this.#cluster?.core.isSilent(this.#clock.now()) ?? false,
      nextClientId: () => this.#clients.nextId(),
    });
    this.#ports = this.#portsOfCommands();
    this.#processor = new CommandProcessor(this.#ports);
    this.#replication.attach(this.#processor);
    this.#shutdown = new Shutdown({
      config,
      log: this.log,
      processor: this.#processor,
      persistence: this.#persistence,
      replication: this.#replication,
    });
    this.#keyUpkeep = new KeyUpkeep(this.#keyspace, () => this.#processor.expiresKeys);
    this.#clients = new ClientServer({
      config,
      processor: this.#processor,
      clock: this.#wallClock,
      auth: this.#auth,
      durability: this.#durability,
      replication: this.#replication,
      log: this.log,
    });
    this.#facts = new FactGatherer({
      traffic: this.#clients.traffic,
      commandsProcessed: () => this.#processor.stats.commandsProcessed,
      clusterConnections: () => this.#cluster?.bus.size ?? 0,
      configFile: options.configFile ?? '',
      tcpPort: this.port,
      hz: () => config.number('hz'),
      clientsMax: () => config.number('maxclients'),
      dataBytes: () => this.#keyspace.usedBytes,
    });
    config.onChange(
      [
        'client-output-buffer-limit',
        'proto-max-bulk-len',
        'client-query-buffer-limit',
        'tcp-keepalive',
      ],
      () => {
        this.#clients.readLimits();
        return null;
      },
    );
  }

  /**
   * Starts a node; resolves when it has loaded its data. Rejects with a {@link NodeStartError}, also where it was
   * stopped before; then nothing is left.
   */
  static async start(options: NodeOptions): Promise<Node> {
    const node = new Node(options);
    try {
      await node.#start();
    } catch (error) {
      if (node.#stopping === null) {
        await node.#release(false);
        throw error;
      }
    }
    if (node.#stopping === null) return node;
    await node.#stopping;
    throw new NodeStartError('Stopped before the data were loaded.');
  }

  /** The port for clients. */
  get port(): number {
    return this.config.number('port');
  }

  /** The port of the cluster bus. */
  get busPort(): number {
    return this.config.number('cluster-port') || this.port + BUS_PORT_OFFSET;
  }

  /** The cluster as this node knows it; null where cluster-enabled is no. */
  get cluster(): ClusterNode | null {
    return this.#cluster;
  }

  /**
   * Ends the node as SIGTERM does: replicas get what they have not got yet, the data are saved where `save` rules are
   * set, clients are let go. Resolves to false if it goes on instead: the data cannot be saved, or it was called off.
   */
  stop(request: ShutdownRequest = ORDERLY): Promise<boolean> {
    this.#stopping ??= this.#stop(request).then((hasEnded) => {
      if (!hasEnded) this.#stopping = null;
      return hasEnded;
    });
    return this.#stopping;
  }

  /** Ends it as kill -9 does, as far as one process can: nothing is saved, connections break. */
  async kill(): Promise<void> {
    this.#stopping ??= this.#release(false).then(() => true);
    await this.#stopping;
  }

  // ---- starting ------------------------------------------------------------------------------------------------

  async #start(): Promise<void> {
    const { config } = this;
    if (config.isOn('cluster-enabled')) await this.#startCluster();
    await this.#listen();
    this.#options.onListening?.(this);
    await this.#beginReplication();
    if (this.#stopping !== null) return;
    this.#started = true;
    if (this.#cluster !== null) await this.#firstSave(this.#cluster);
    this.#announceStart();
    this.#writePidFile();
    this.#housekeeping = setInterval(() => this.#keepHouse(), HOUSEKEEPING_MS);
    this.log.warning('Server initialized');
    if (this.port !== 0) this.log.notice('Ready to accept connections');
    const unixSocket = this.#path('unixsocket');
    if (unixSocket !== '') {
      this.log.notice(`The server is now ready to accept connections at ${unixSocket}`);
    }
  }

  async #listen(): Promise<void> {
    const { config } = this;
    const parts = { config, log: this.log, turnEnd: this.#turnEnd };
    if (this.port !== 0) {
      const accept = this.#clients.accept;
      this.#listeners.push(...(await listenOnAll('TCP', this.port, { ...parts, accept })));
    }
    const unixSocket = this.#path('unixsocket');
    if (unixSocket !== '') {
      const { accept } = this.#clients;
      this.#listeners.push(await listenOnUnixSocket(unixSocket, config, this.#turnEnd, accept));
    }
    if (this.#listeners.length === 0) {
      throw new NodeStartError('Configured to not listen anywhere, exiting.');
    }
    if (this.#cluster === null) return;
    const { accept } = this.#cluster.bus;
    this.#listeners.push(...(await listenOnAll('cluster', this.busPort, { ...parts, accept })));
  }

  async #startCluster(): Promise<void> {
    if (this.busPort > PORT_MAX) {
      throw new NodeStartError(
        `The cluster bus cannot listen on port ${this.busPort}: use a port below ${PORT_MAX - BUS_PORT_OFFSET + 1}, or cluster-port.`,
      );
    }
    const file = await openNodesFile(this.#path('cluster-config-file'));
    const { port, busPort } = this;
    try {
      this.#cluster = new ClusterNode({
        config: this.config,
        log: this.log,
        clock: this.#clock,
        commandTime: this.#wallClock,
        turnEnd: this.#turnEnd,
        random: seededRandom(...randomWords()),
        topology: initialTopology(file, this.#clock.now(), { port, busPort }, this.log),
        file,
        facts: {
          keyCountInSlot: (slot) => this.#sum((database) => database.countInSlot(slot)),
          keyCount: () => this.#sum((database) => database.size),
          replicationOffset: () => this.#replication.offsetForRank,
          primaryLinkUp: () => this.#replication.isLinkUp,
          lastPrimaryInteractionMs: () => this.#replication.completeUntilMs,
          isLoading: () => this.#persistence.isLoading,
        },
        writableDelayMs: this.#options.writableDelayMs ?? null,
        deliver: ({ sharded, channel, message }) =>
          this.#processor.deliver(sharded, channel, message),
        slotsLost: ({ slots, deleteKeys }) => this.#slotsLost(slots, deleteKeys),
        role: (effect) =>
          carryOutRole(effect, {
            replication: this.#replication,
            processor: this.#processor,
            clock: this.#clock,
          }),
        saveFailed: (error) => this.#cannotGoOn(file.path, error),
      });
      this.#ports.cluster = this.#cluster;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Loads the data, and goes on with the history that they belong to. Clients hear meanwhile that this takes a while. */
  async #beginReplication(): Promise<void> {
    const topology = this.#cluster?.topology;
    const [host, port] = this.config.words('replicaof');
    const isReplica =
      topology === undefined ? host !== undefined : topology.isReplica(topology.self);
    const loaded = await this.#persistence.loadAtStart(isReplica);
    this.#replication.start(loaded?.history ?? null, isReplica);
    this.#cluster?.dataLoaded(loaded === null);
    if (topology === undefined && isReplica) this.#replication.follow(host, Number(port));
  }

  async #firstSave(cluster: ClusterNode): Promise<void> {
    try {
      await cluster.start();
    } catch (error) {
      const path = this.#path('cluster-config-file');
      throw new NodeStartError(
        `Can't write the cluster configuration file ${path}: ${fileReason(error)}`,
      );
    }
  }

  #announceStart(): void {
    const mode = this.#cluster === null ? 'standalone' : 'cluster';
    if (this.#options.showsLogo) {
      this.log.raw(
        banner({
          version: VERSION,
          redisVersion: REDIS_VERSION,
          mode,
          port: this.port,
          processId: process.pid,
        }),
      );
    } else {
      this.log.notice(`Running mode=${mode}, port=${this.port}.`);
    }
    if (this.config.isOn('appendonly')) {
      this.log.warning(
        'WARNING: appendonly yes has no effect: there is no append-only file, only the data file of `save`.',
      );
    }
  }

  #writePidFile(): void {
    const path = this.#path('pidfile');
    if (path === '') return;
    try {
      writeFileSync(path, `${process.pid}\n`);
    } catch (error) {
      this.log.notice(`Failed to write PID file: ${systemText(error)}`);
    }
  }

  // ---- running -------------------------------------------------------------------------------------------------

  #keepHouse(): void {
    this.#processor.tick();
    this.#keyUpkeep.run();
    this.#persistence.tick();
    const nowMs = performance.now();
    if (nowMs - this.#secondsAtMs < 1000) return;
    this.#secondsAtMs = nowMs;
    this.#clients.sweep(nowMs);
    this.#facts.tick();
  }

  #slotsLost(slots: readonly number[], deleteKeys: boolean): void {
    this.#processor.dropShardSubscriptions(SlotSet.from(slots));
    if (!deleteKeys) return;
    let deleted = 0;
    for (const slot of slots) deleted += this.#processor.deleteSlot(slot);
    if (deleted > 0)
      this.log.notice(`Deleted ${deleted} keys of slots that are served elsewhere now`);
  }

  /** Without its table on the disk a node would break its word after the next start: it ends instead. */
  #cannotGoOn(path: string, error: unknown): void {
    this.log.warning(`Fatal: can't update cluster config file ${path}: ${fileReason(error)}`);
    const end = error instanceof Error ? error : new Error(String(error));
    void this.kill().then(() => this.#options.onEnd?.(end));
  }

  // ---- ending --------------------------------------------------------------------------------------------------

  async #stop(request: ShutdownRequest): Promise<boolean> {
    this.log.warning('User requested shutdown...');
    if (this.#started && !(await this.#shutdown.prepare(request))) return false;
    await this.#release(true);
    for (const [name, line] of [
      ['pidfile', 'Removing the pid file.'],
      ['unixsocket', 'Removing the unix socket file.'],
    ] as const) {
      const path = this.#path(name);
      if (path === '') continue;
      this.log.notice(line);
      rmSync(path, { force: true });
    }
    this.log.warning('slotmesh is now ready to exit, bye bye...');
    return true;
  }

  async #release(saves: boolean): Promise<void> {
    clearInterval(this.#housekeeping);
    this.#keyUpkeep.stop();
    this.#replication.close();
    await this.#persistence.close();
    for (const listener of this.#listeners.splice(0)) listener.close();
    this.#clients.closeAll(saves);
    await this.#cluster?.close(saves && this.#started);
  }

  #end(request: ShutdownRequest): boolean {
    void this.stop(request).then(
      (hasEnded) => hasEnded && this.#options.onEnd?.(null),
      (error: Error) => this.#options.onEnd?.(error),
    );
    return true;
  }

  // ---- what commands ask ---------------------------------------------------------------------------------------

  get #auth(): Ports['auth'] {
    const { defaultUser } = this.config;
    return {
      get required() {
        return defaultUser.hasPassword;
      },
      verify: (user, password) => defaultUser.verify(user, password),
    };
  }

  #portsOfCommands(): Ports {
    const { config } = this;
    return {
      clock: this.#wallClock,
      random: () => this.#random.uint32(),
      keyspace: this.#keyspace,
      auth: this.#auth,
      config: {
        entries: () => config.entries(),
        set: (pairs) => config.set(pairs),
        rewrite: () => this.#rewriteConfig(),
      },
      server: {
        facts: () => this.#facts.facts(),
        shutdown: (request) => this.#end(request),
        abortShutdown: () => this.#shutdown.abort(),
        resetStats: () => this.#resetStats(),
      },
      debug: {
        get allowed() {
          return config.text('enable-debug-command') as 'yes' | 'no' | 'local';
        },
        sleep: (seconds) => sleepSync(seconds),
        log: (text) => this.log.warning(`DEBUG LOG: ${text}`),
      },
      cluster: null,
      replication: this.#replication,
      persistence: this.#persistence,
    };
  }

  #resetStats(): void {
    const { traffic } = this.#clients;
    traffic.inputBytes = 0;
    traffic.outputBytes = 0;
    traffic.connections = 0;
    traffic.rejected = 0;
  }

  #rewriteConfig(): ReturnType<Ports['config']['rewrite']> {
    const path = this.#options.configFile ?? '';
    if (path === '') return { kind: 'noFile' };
    try {
      const text = rewriteConfigText(readConfigFile(path), this.config);
      replaceFileSync(path, new TextEncoder().encode(text));
    } catch (error) {
      const reason = error instanceof FileError ? systemText(error) : (error as Error).message;
      this.log.warning(`CONFIG REWRITE failed: ${reason}`);
      return { kind: 'failed', reason };
    }
    this.log.warning('CONFIG REWRITE executed with success.');
    return { kind: 'ok' };
  }

  #sum(of: (database: Keyspace['databases'][number]) => number): number {
    return this.#keyspace.databases.reduce((sum, database) => sum + of(database), 0);
  }

  #logRole(): 'C' | 'M' | 'S' {
    if (!this.#started) return 'C';
    return this.#replication.role === 'replica' ? 'S' : 'M';
  }

  /** A path of the configuration, absolute; '' = not set. */
  #path(name: string): string {
    const path = this.config.text(name);
    return path === '' ? '' : resolve(this.config.text('dir'), path);
  }
}

function randomWords(): [number, number, number, number] {
  const words = new Uint32Array(new Uint8Array(randomBytes(16)).buffer);
  return [words[0], words[1], words[2], words[3]];
}

/** Stops the whole process, as DEBUG SLEEP wants it. */
function sleepSync(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}
