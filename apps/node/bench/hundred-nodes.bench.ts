// A hundred nodes in one process become one cluster: with real sockets on the loopback address, each with its own table,
// rules and file. What is measured is what the bus costs when everybody talks to everybody: until all agree, and in a
// steady window after it.
//
// Such a process holds both ends of two connections for each pair of nodes, 19,800 of them. Where the limit of open files
// is too low for that, the nodes are spread over as few processes as will do, and the title says so.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { table } from '../../../scripts/bench-kit.ts';
import { formCluster } from '../src/launcher/form-cluster.ts';
import type { Report, Request } from './support/node-host.ts';

/** The default of redis-server and of ours. */
const NODE_TIMEOUT_MS = 15_000;
const AGREE_TIMEOUT_MS = 300_000;
const HOST = '127.0.0.1';
const BUS_PORT_OFFSET = 10_000;

/** Prints what it took to agree, what the steady cluster takes, and the memory. */
export async function run({ quick }: { quick: boolean }): Promise<void> {
  const count = quick ? 6 : 100;
  const processes = quick ? 2 : processesFor(count, openFilesMax());
  const hosts = Array.from({ length: processes }, startHost);
  try {
    const empty = await all(hosts, () => ({ kind: 'report' }));
    const started = await all(hosts, (i) => ({
      kind: 'start',
      nodes: share(i, processes, count),
      nodeTimeoutMs: NODE_TIMEOUT_MS,
    }));
    const startedMs = performance.now();
    await formCluster(
      started.ports.map((port) => ({ host: HOST, port, busPort: port + BUS_PORT_OFFSET })),
      { timeoutMs: AGREE_TIMEOUT_MS },
    );
    const agreedMs = performance.now();
    const agreed = await all(hosts, () => ({ kind: 'report' }));
    assertAgreement(agreed, count);

    await delay(quick ? 100 : 30_000);
    const steadyMs = performance.now();
    const steady = await all(hosts, () => ({ kind: 'report' }));
    assertAgreement(steady, count);

    console.log(`${count} nodes in ${processes === 1 ? 'one process' : `${processes} processes`}`);
    table([
      { phase: 'until all agree', ...difference(started, agreed, agreedMs - startedMs) },
      { phase: 'steady', ...difference(agreed, steady, steadyMs - agreedMs) },
    ]);
    const grownMb = (steady.residentBytes - empty.residentBytes) / 2 ** 20;
    console.log(`memory: ${(grownMb / count).toFixed(2)} MB per node (resident)`);
  } finally {
    await Promise.all(hosts.map(stopHost));
  }
}

/** Handshakes that cross open some links twice, so a quarter more than the links that stay; and files and listeners. */
function processesFor(count: number, openFiles: number): number {
  const perNode = 2 * (count - 1) * 1.25 + 10;
  return Math.ceil((count * perNode) / (openFiles - 200));
}

function openFilesMax(): number {
  if (process.platform !== 'linux') return 10_240;
  const soft = /^Max open files +(\d+|unlimited)/m.exec(
    readFileSync('/proc/self/limits', 'utf8'),
  )?.[1];
  return Number(soft) || Number.MAX_SAFE_INTEGER;
}

/** How many of `count` nodes the i-th of `processes` takes. */
function share(i: number, processes: number, count: number): number {
  return Math.floor(((i + 1) * count) / processes) - Math.floor((i * count) / processes);
}

// ---- the processes with the nodes -------------------------------------------------------------------------------

function startHost(): ChildProcess {
  const register = new URL('../../../scripts/lib/register-ts.mjs', import.meta.url).href;
  return fork(fileURLToPath(new URL('./support/node-host.ts', import.meta.url)), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', register],
  });
}

/** Asks every process, and sums up the answers. */
async function all(
  hosts: readonly ChildProcess[],
  request: (i: number) => Request,
): Promise<Report> {
  const reports = await Promise.all(hosts.map((host, i) => ask(host, request(i))));
  const sum = (of: (report: Report) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    ports: reports.flatMap(({ ports }) => ports),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    residentBytes: sum(({ residentBytes }) => residentBytes),
    sentBytes: sum(({ sentBytes }) => sentBytes),
    sentMessages: sum(({ sentMessages }) => sentMessages),
    views: [...new Set(reports.flatMap(({ views }) => views))],
    knownMin: Math.min(...reports.map(({ knownMin }) => knownMin)),
  };
}

async function ask(host: ChildProcess, request: Request): Promise<Report> {
  const ended = once(host, 'exit').then(([code]) => {
    throw new Error(`a process with nodes has ended with ${code}`);
  });
  ended.catch(() => {});
  const answered = once(host, 'message');
  host.send(request);
  const [report] = await Promise.race([answered, ended]);
  return report;
}

async function stopHost(host: ChildProcess): Promise<void> {
  if (host.exitCode !== null || host.signalCode !== null) return;
  const ended = once(host, 'exit');
  const forced = setTimeout(() => host.kill('SIGKILL'), 10_000);
  if (host.connected) host.send({ kind: 'stop' } satisfies Request);
  await ended.finally(() => clearTimeout(forced));
}

// ---- figures ------------------------------------------------------------------------------------------------------

/** All know all, with the same slots and epochs, and nobody is in doubt. */
function assertAgreement(report: Report, count: number): void {
  if (report.knownMin !== count) throw new Error(`a node knows ${report.knownMin} of ${count}`);
  if (report.views.length !== 1) throw new Error(`${report.views.length} views of one cluster`);
}

function difference(before: Report, after: Report, ms: number): Record<string, string> {
  const count = after.ports.length;
  const bytes = (after.sentBytes - before.sentBytes) / count;
  const messages = (after.sentMessages - before.sentMessages) / count;
  const cpuMs = (after.cpuMs - before.cpuMs) / count;
  return {
    'time s': (ms / 1000).toFixed(2),
    'CPU ms/node': cpuMs.toFixed(1),
    'CPU %/node': ((cpuMs / ms) * 100).toFixed(2),
    'sent kB/node': (bytes / 1000).toFixed(0),
    'kB/s/node': (bytes / ms).toFixed(1),
    'messages/node': messages.toFixed(0),
    'messages/s/node': ((messages / ms) * 1000).toFixed(1),
  };
}
