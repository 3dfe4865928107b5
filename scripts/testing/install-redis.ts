// Gives the tests a redis-server where it is missing and may be installed: on Debian and its relatives, as root.

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const POLICY = '/usr/sbin/policy-rc.d';

/** What the installation needs from the machine; a test brings its own. */
export interface Machine {
  readonly uid: number;
  run(command: string, args: string[]): { readonly status: number | null; readonly output: string };
  exists(path: string): boolean;
  write(path: string, text: string, mode: number): void;
  remove(path: string): void;
}

const thisMachine: Machine = {
  run(command, args) {
    const result = spawnSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    });
    const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
    return { status: result.status, output };
  },
  exists: existsSync,
  write: (path, text, mode) => writeFileSync(path, text, { mode, flag: 'wx' }),
  remove: (path) => rmSync(path, { force: true }),
  uid: process.getuid?.() ?? -1,
};

/**
 * Makes redis-server available if it can. Returns null when it is there, otherwise one line that says why it is not.
 *
 * The package would start a system service and have it started at every boot. Nobody asked for that: a policy file
 * forbids the start, and where systemd runs the service is disabled again.
 *
 * `say` is told before the installation starts, which takes a while.
 */
export function ensureRedis(
  say: (line: string) => void,
  machine: Machine = thisMachine,
): string | null {
  if (machine.run('redis-server', ['--version']).status === 0) return null;
  if (machine.uid !== 0) return 'redis-server is missing and only root could install it';
  if (machine.run('apt-get', ['--version']).status !== 0) {
    return 'redis-server is missing and there is no apt-get to install it with';
  }
  say('redis-server is missing: installing it with apt-get');
  const ownPolicy = !machine.exists(POLICY);
  if (ownPolicy) machine.write(POLICY, '#!/bin/sh\nexit 101\n', 0o755);
  try {
    for (const args of [
      ['update', '-q'],
      ['install', '-q', '-y', '--no-install-recommends', 'redis-server', 'redis-tools'],
    ]) {
      const { status, output } = machine.run('apt-get', args);
      if (status === 0) continue;
      const reason = output.trim().split('\n').at(-1) || `exit code ${status}`;
      return `redis-server is missing and apt-get ${args[0]} failed: ${reason}`;
    }
  } finally {
    if (ownPolicy) machine.remove(POLICY);
  }
  if (machine.exists('/run/systemd/system')) {
    machine.run('systemctl', ['disable', '--now', 'redis-server.service']);
  }
  if (machine.run('redis-server', ['--version']).status === 0) return null;
  return 'redis-server is missing although apt-get says that it installed it';
}
