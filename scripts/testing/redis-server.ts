// Starts the real redis-server, which is the judge of what our nodes answer. Nothing here needs vitest, so benches may
// import it as well; tests take everything from `real-redis.ts`.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freeClusterPort, freePort, temporaryDirectory } from './ports.ts';

/** How a server is started; everything is optional. */
export interface RedisOptions {
  /** Directives as on redis-server's command line: `['--maxmemory', '1mb']`. They override ours. */
  readonly args?: readonly string[];
  /** Cluster mode, with `nodes.conf` in `dir` and a port whose bus port is free too. */
  readonly cluster?: boolean;
  /** Only for a restart on the same port. */
  readonly port?: number;
  /** Only for a restart on the same data; a folder given here is not removed by `stop`. */
  readonly dir?: string;
}

/** A running redis-server. */
export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  readonly process: ChildProcess;
  /** Everything that the server has logged so far. */
  log(): string;
  /** Ends the process (SIGTERM unless told otherwise), waits for its exit, and removes a folder that we made. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;
/** Another process may take the port between our look and the server's bind. */
const START_ATTEMPTS_MAX = 5;

/** The servers that this process has started and that have not ended yet. */
export const runningServers: Set<RedisServer> = new Set();

let exitHookInstalled = false;

/** Version of the redis-server on PATH, or null where there is none. */
export function redisServerVersion(): string | null {
  const result = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  if (result.error || result.status !== 0) return null;
  return /v=(\S+)/.exec(result.stdout)?.[1] ?? 'unknown';
}

/**
 * Starts redis-server on a free loopback port, in a fresh folder, without persistence, and resolves when it answers.
 * Rejects with the server's log when it ends instead.
 */
export async function startRedis(
  options: RedisOptions | readonly string[] = {},
): Promise<RedisServer> {
  const wanted: RedisOptions = 'length' in options ? { args: options } : options;
  for (let attempt = 1; ; attempt++) {
    const server = await spawnRedis(wanted);
    try {
      await untilReady(server);
      return server;
    } catch (error) {
      const portTaken = /Address already in use|Failed listening on port/.test(server.log());
      await server.stop('SIGKILL');
      if (!portTaken || wanted.port !== undefined || attempt === START_ATTEMPTS_MAX) throw error;
    }
  }
}

async function spawnRedis(wanted: RedisOptions): Promise<RedisServer> {
  const port = wanted.port ?? (await (wanted.cluster ? freeClusterPort() : freePort()));
  const own = wanted.dir === undefined ? temporaryDirectory('slotmesh-redis-') : null;
  const dir = own ? own.path : (wanted.dir as string);
  const child = spawn(
    'redis-server',
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir],
      ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
      ...(wanted.cluster ? ['--cluster-enabled', 'yes'] : []),
      ...(wanted.args ?? []),
    ],
    { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  const remember = (chunk: string): void => {
    log += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', remember);
  child.stderr.setEncoding('utf8').on('data', remember);

  const exited = once(child, 'close');
  const server: RedisServer = {
    port,
    pid: child.pid ?? -1,
    dir,
    process: child,
    log: () => log,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const forced = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited.finally(() => clearTimeout(forced));
      await own?.remove();
    },
  };
  runningServers.add(server);
  child.once('close', () => runningServers.delete(server));
  exited.catch(() => runningServers.delete(server));
  installExitHook();
  return server;
}

/**
 * Ready means that it says so and answers PING, be it with an error about a missing password. The answer alone proves
 * nothing: it may come from a stranger that took the port first. Directives may silence the log, though.
 */
async function untilReady(server: RedisServer): Promise<void> {
  const silent = server.process.spawnargs.some((arg) => /^--log(file|level)$/.test(arg));
  let failure: Error | null = null;
  server.process.once('error', (error) => {
    failure = new Error(`redis-server cannot be started: ${error.message}`);
  });
  server.process.once('exit', (code, signal) => {
    failure = new Error(`redis-server ended (${signal ?? `exit code ${code}`}):\n${server.log()}`);
  });
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (failure === null && performance.now() < giveUpAt) {
    const saysReady = silent || server.log().includes('Ready to accept connections');
    if (saysReady && (await answersPing(server.port))) return;
    await delay(20);
  }
  throw failure ?? new Error(`redis-server does not answer on ${server.port}:\n${server.log()}`);
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setEncoding('utf8');
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (reply) => {
      resolve(/^(\+PONG|-NOAUTH)/.test(String(reply)));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** A test run that ends early must not leave servers behind. */
function installExitHook(): void {
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.once('exit', () => {
    for (const server of runningServers) server.process.kill('SIGKILL');
  });
}

/** What a command-line tool gave back. */
export interface ToolResult {
  /** Exit code; null when a signal (the time limit's) ended the tool. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a tool's run. */
export interface ToolOptions {
  /** Text for the standard input, which is closed after it. */
  readonly input?: string;
  /** After this time the tool is killed; 60 s unless told otherwise. */
  readonly timeoutMs?: number;
}

/** Runs redis-cli and collects its output. Rejects only where redis-cli is missing. */
export function runRedisCli(
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  return runTool('redis-cli', args, options);
}

/** Runs any tool that ends by itself, such as redis-benchmark. */
export function runTool(
  tool: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      stdio: 'pipe',
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => {}); // the tool may end without reading its input
    child.stdin.end(options.input ?? '');
  });
}
