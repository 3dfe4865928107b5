import { describe, expect, it } from 'vitest';
import { ensureRedis } from '../testing/install-redis.ts';

/** A machine that records what is asked of it; `failing` are the commands that exit with 1. */
function makeMachine(options: {
  installed?: boolean;
  uid?: number;
  files?: string[];
  failing?: string[];
}) {
  let installed = options.installed ?? false;
  const files = new Set(options.files);
  const log: string[] = [];
  return {
    log,
    files,
    uid: options.uid ?? 0,
    run(command: string, args: string[]) {
      const line = `${command} ${args[0]}`;
      log.push(line);
      const failed = options.failing?.includes(line) || (command === 'redis-server' && !installed);
      if (line === 'apt-get install' && !failed) {
        log.push(files.has('/usr/sbin/policy-rc.d') ? 'start forbidden' : 'SERVICE STARTED');
        installed = true;
      }
      return { status: failed ? 1 : 0, output: failed ? 'first\nE: no network\n' : '' };
    },
    exists: (path: string) => files.has(path),
    write: (path: string) => void files.add(path),
    remove: (path: string) => void files.delete(path),
  };
}

const silent = (): void => {};

describe('ensureRedis', () => {
  it('does nothing where redis-server is there', () => {
    const machine = makeMachine({ installed: true });
    expect(ensureRedis(silent, machine)).toBeNull();
    expect(machine.log).toEqual(['redis-server --version']);
  });

  it('installs it as root without starting a service, and takes its policy file away', () => {
    const machine = makeMachine({});
    expect(ensureRedis(silent, machine)).toBeNull();
    expect(machine.log).toEqual([
      'redis-server --version',
      'apt-get --version',
      'apt-get update',
      'apt-get install',
      'start forbidden',
      'redis-server --version',
    ]);
    expect(machine.files.size).toBe(0);
  });

  it("leaves the machine's own policy file alone", () => {
    const machine = makeMachine({ files: ['/usr/sbin/policy-rc.d'] });
    expect(ensureRedis(silent, machine)).toBeNull();
    expect(machine.files.size).toBe(1);
  });

  it('disables the service where systemd runs', () => {
    const machine = makeMachine({ files: ['/run/systemd/system'] });
    expect(ensureRedis(silent, machine)).toBeNull();
    expect(machine.log).toContain('systemctl disable');
  });

  it('says why it cannot', () => {
    expect(ensureRedis(silent, makeMachine({ uid: 1000 }))).toContain('only root');
    expect(ensureRedis(silent, makeMachine({ failing: ['apt-get --version'] }))).toContain(
      'no apt-get',
    );
    const offline = makeMachine({ failing: ['apt-get update'] });
    expect(ensureRedis(silent, offline)).toBe(
      'redis-server is missing and apt-get update failed: E: no network',
    );
    expect(offline.files.size).toBe(0);
  });
});
