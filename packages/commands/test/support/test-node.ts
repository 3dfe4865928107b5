// A node without sockets: the processor over ports that tests can set and read.

import { MemoryKeyspace } from '@slotmesh/keyspace';
import { CommandDecoder, encodeCommand, ReplyWriter } from '@slotmesh/resp';
import {
  type ClusterPort,
  CommandProcessor,
  type ConfigSetOutcome,
  type PersistencePort,
  type Ports,
  type ReplicationPort,
  type ServerFacts,
  Session,
  type ShutdownRequest,
} from '../../src/index.ts';

export const FACTS: ServerFacts = {
  version: '0.0.0',
  runId: 'a'.repeat(40),
  processId: 4711,
  operatingSystem: 'Linux 6.1.0 x86_64',
  runtime: 'node 22.0.0',
  architectureBits: 64,
  startedAtMs: 1_700_000_000_000,
  tcpPort: 6379,
  executable: '/usr/bin/slotmesh-node',
  configFile: '',
  hz: 10,
  clientsMax: 10_000,
  clusterConnections: 0,
  memoryUsed: 1_113_952,
  memoryPeak: 1_132_608,
  memoryResident: 12_533_760,
  memoryAtStart: 876_200,
  systemMemory: 25_276_514_304,
  connectionsReceived: 1,
  connectionsRejected: 0,
  inputBytes: 0,
  outputBytes: 0,
  inputBytesPerSecond: 0,
  outputBytesPerSecond: 0,
  commandsPerSecond: 0,
  cpuUserSeconds: 0.5,
  cpuSystemSeconds: 0.25,
  cpuUserSecondsMainThread: 0.5,
  cpuSystemSecondsMainThread: 0.25,
};

export interface TestNodeOptions {
  readonly cluster?: ClusterPort | null;
  readonly password?: string;
  readonly debug?: 'yes' | 'no' | 'local';
  readonly replication?: ReplicationPort;
  readonly persistence?: PersistencePort;
}

/** What a test may look at or change while it runs. */
export class TestNode {
  nowMs = 1_700_000_100_000;
  readonly config: Map<string, string> = new Map([
    ['maxmemory', '0'],
    ['maxmemory-policy', 'noeviction'],
    ['save', ''],
    ['appendonly', 'no'],
    ['notify-keyspace-events', ''],
    ['slowlog-log-slower-than', '10000'],
    ['latency-monitor-threshold', '0'],
  ]);
  /** The clock that commands are timed with. */
  monotonicUs: () => number = () => 0;
  /** What the ports were asked to do, in order. */
  readonly calls: string[] = [];
  readonly keyspace: MemoryKeyspace;
  readonly processor: CommandProcessor;
  readonly ports: Ports;
  #nextId = 1;
  #seed = 1;

  constructor(options: TestNodeOptions = {}) {
    const { cluster = null, password, debug = 'no' } = options;
    this.keyspace = new MemoryKeyspace({
      databases: cluster === null ? 16 : 1,
      bySlot: cluster !== null,
      hashKey: { low: 1, high: 2 },
    });
    this.ports = {
      clock: {
        wallMs: () => this.nowMs,
        wallUs: () => this.nowMs * 1000 + 7,
        monotonicUs: () => this.monotonicUs(),
      },
      random: () => this.#random(),
      keyspace: this.keyspace,
      auth: {
        required: password !== undefined,
        verify: (user, given) => text(user) === 'default' && text(given) === password,
      },
      config: {
        entries: () => this.config,
        set: (pairs) => this.#setConfig(pairs),
        rewrite: () => ({ kind: 'noFile' }),
      },
      server: {
        facts: () => FACTS,
        shutdown: (request: ShutdownRequest) => {
          this.calls.push(`shutdown ${request.save} now=${request.now} force=${request.force}`);
          return true;
        },
        abortShutdown: () => false,
        resetStats: () => this.calls.push('resetStats'),
      },
      debug: {
        allowed: debug,
        sleep: (seconds) => this.calls.push(`sleep ${seconds}`),
        log: (line) => this.calls.push(`log ${line}`),
      },
      cluster,
      replication: options.replication ?? null,
      persistence: options.persistence ?? null,
    };
    this.processor = new CommandProcessor(this.ports);
  }

  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed;
  }

  #setConfig(pairs: readonly (readonly [string, string])[]): ConfigSetOutcome {
    for (const [name] of pairs) {
      if (!this.config.has(name.toLowerCase())) return { kind: 'unknown', name };
    }
    for (const [name, value] of pairs) this.config.set(name.toLowerCase(), value);
    return { kind: 'ok' };
  }

  connect(
    options: {
      readonly isLocal?: boolean;
      readonly isTls?: boolean;
      readonly id?: number;
      readonly isPrimaryLink?: boolean;
    } = {},
  ): TestClient {
    return new TestClient(this, options.id ?? this.#nextId++, options);
  }
}

/** One connected client. */
export class TestClient {
  readonly session: Session;
  readonly #node: TestNode;
  readonly #decoder = new CommandDecoder();
  wakes = 0;
  closed = false;
  isReading = true;

  constructor(
    node: TestNode,
    id: number,
    options: {
      readonly isLocal?: boolean;
      readonly isTls?: boolean;
      readonly isPrimaryLink?: boolean;
    },
  ) {
    this.#node = node;
    this.session = new Session({
      id,
      address: `127.0.0.1:${50_000 + id}`,
      localAddress: '127.0.0.1:6379',
      isLocal: options.isLocal ?? true,
      isUnixSocket: false,
      isTls: options.isTls ?? false,
      isPrimaryLink: options.isPrimaryLink ?? false,
      nowMs: node.nowMs,
      authenticated: !node.ports.auth.required,
      reply: new ReplyWriter(),
      transport: {
        wake: () => {
          this.wakes++;
        },
        flush: () => undefined,
        close: () => {
          this.closed = true;
        },
        setReading: (on) => {
          this.isReading = on;
        },
        inputBytes: 0,
        outputBytes: 0,
        descriptor: 8 + id,
      },
    });
    node.processor.connect(this.session);
  }

  /** Executes one command; the reply as it goes over the wire, a character per byte. */
  run(...args: (string | Uint8Array)[]): string {
    this.feed(encodeCommand(args));
    return this.take();
  }

  /** Executes the commands in a chunk of the input. */
  feed(chunk: Uint8Array): void {
    const { processor } = this.#node;
    const { session } = this;
    this.#decoder.push(chunk);
    while (processor.readBatch(session, this.#decoder, !session.authenticated)) {
      const { commands, size } = processor.batch;
      for (let i = 0; i < size; i++) processor.executePending(session, commands[i]);
    }
  }

  /** What has been written for this client since it was last looked at. */
  take(): string {
    return text(this.session.reply.take());
  }
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
