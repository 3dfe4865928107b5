// The facts about the process that INFO prints, and the rates that it prints per second.

import { randomBytes } from 'node:crypto';
import { arch, machine, release, totalmem, type } from 'node:os';
import type { ServerFacts } from '@slotmesh/commands';
import type { Traffic } from '../client/client-session.ts';
import { VERSION } from './version.ts';

/** What the facts are gathered from. */
export interface FactSources {
  readonly traffic: Traffic;
  readonly commandsProcessed: () => number;
  readonly clusterConnections: () => number;
  readonly configFile: string;
  readonly tcpPort: number;
  readonly hz: () => number;
  readonly clientsMax: () => number;
  /** Bytes that keys and values take. */
  readonly dataBytes: () => number;
}

interface Sample {
  readonly atMs: number;
  readonly input: number;
  readonly output: number;
  readonly commands: number;
}

export class FactGatherer {
  readonly #sources: FactSources;
  readonly #runId = randomBytes(20).toString('hex');
  readonly #startedAtMs = Date.now();
  readonly #memoryAtStart: number;
  #memoryPeak = 0;
  #before: Sample;
  #rates = { input: 0, output: 0, commands: 0 };

  constructor(sources: FactSources) {
    this.#sources = sources;
    this.#memoryAtStart = this.#usedMemory();
    this.#before = this.#sample();
  }

  /** About once a second. */
  tick(): void {
    const now = this.#sample();
    const seconds = (now.atMs - this.#before.atMs) / 1000;
    if (seconds <= 0) return;
    const rate = (of: 'input' | 'output' | 'commands') =>
      Math.max(0, (now[of] - this.#before[of]) / seconds);
    this.#rates = { input: rate('input'), output: rate('output'), commands: rate('commands') };
    this.#before = now;
    this.#memoryPeak = Math.max(this.#memoryPeak, this.#usedMemory());
  }

  #sample(): Sample {
    const { traffic, commandsProcessed } = this.#sources;
    return {
      atMs: performance.now(),
      input: traffic.inputBytes,
      output: traffic.outputBytes,
      commands: commandsProcessed(),
    };
  }

  facts(): ServerFacts {
    const { traffic, clusterConnections, configFile, tcpPort, hz, clientsMax } = this.#sources;
    const memoryUsed = this.#usedMemory();
    this.#memoryPeak = Math.max(this.#memoryPeak, memoryUsed);
    const cpu = process.cpuUsage();
    return {
      version: VERSION,
      runId: this.#runId,
      processId: process.pid,
      operatingSystem: `${type()} ${release()} ${machine()}`,
      runtime: `node ${process.version}`,
      architectureBits: ['arm', 'ia32', 'mipsel'].includes(arch()) ? 32 : 64,
      startedAtMs: this.#startedAtMs,
      tcpPort,
      executable: process.argv[1] ?? process.execPath,
      configFile,
      hz: hz(),
      clientsMax: clientsMax(),
      clusterConnections: clusterConnections(),
      memoryUsed,
      memoryPeak: this.#memoryPeak,
      memoryResident: process.memoryUsage.rss(),
      memoryAtStart: this.#memoryAtStart,
      systemMemory: totalmem(),
      connectionsReceived: traffic.connections,
      connectionsRejected: traffic.rejected,
      inputBytes: traffic.inputBytes,
      outputBytes: traffic.outputBytes,
      inputBytesPerSecond: this.#rates.input,
      outputBytesPerSecond: this.#rates.output,
      commandsPerSecond: this.#rates.commands,
      cpuUserSeconds: cpu.user / 1e6,
      cpuSystemSeconds: cpu.system / 1e6,
      // Node tells the threads apart from version 23 on only; the others do little.
      cpuUserSecondsMainThread: cpu.user / 1e6,
      cpuSystemSecondsMainThread: cpu.system / 1e6,
    };
  }

  /** Keys and values as the keyspace counts them, in place of the buffers that hold them; and the JavaScript heap. */
  #usedMemory(): number {
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return heapUsed + external - arrayBuffers + this.#sources.dataBytes();
  }
}
