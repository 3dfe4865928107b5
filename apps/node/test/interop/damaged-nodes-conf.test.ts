// A nodes.conf that was cut or altered is refused with a line that says what is wrong, and is left as it was: guessing at
// slots and epochs is how clusters lose data. (What exactly counts as damage is told in the nodes-conf package's tests.)

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { Fleet, formCluster, untilAgreed } from './support/fleet.ts';
import { redisServer, type ServerProcess, slotmeshNode } from './support/server-process.ts';

describeWithRedis('a damaged nodes.conf', () => {
  const fleet = new Fleet();
  let servers: ServerProcess[];
  let victim: ServerProcess;
  let intact: Buffer;
  beforeAll(async () => {
    servers = await fleet.start([slotmeshNode, slotmeshNode, redisServer]);
    [victim] = servers;
    await formCluster(servers);
    await victim.kill('SIGTERM');
    intact = victim.readNodesConf();
  });
  afterAll(() => fleet.dispose());

  /** Starts the node on these bytes and expects it to end by itself, complaining of the file. */
  async function expectRefused(damaged: Buffer): Promise<void> {
    writeFileSync(victim.nodesConfPath, damaged);
    victim.spawn();
    const { code, signal } = await victim.exited();
    expect(signal).toBeNull();
    expect(code).not.toBe(0);
    const complaints = victim
      .log()
      .split('\n')
      .filter((line) => line.includes('nodes.conf'));
    expect(complaints, victim.log()).toHaveLength(1);
    expect(victim.log()).not.toContain('Ready to accept connections');
    expect(victim.log()).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m); // no stack trace
    expect(victim.readNodesConf().equals(damaged)).toBe(true);
  }

  const flip = (offset: number, bit: number): Buffer => {
    const damaged = Buffer.from(intact);
    damaged[offset] ^= bit;
    return damaged;
  };

  it.each([0.05, 0.2, 0.4, 0.6, 0.8, 0.95])('cut after %d of its length', async (part) => {
    await expectRefused(intact.subarray(0, Math.floor(intact.length * part)));
  });

  it('cut by its last byte, or by its last line', async () => {
    await expectRefused(intact.subarray(0, intact.length - 1));
    await expectRefused(intact.subarray(0, intact.lastIndexOf('\n', intact.length - 2) + 1));
  });

  it('with a flipped bit in an id, a slot range, an epoch, the flags, the checksum', async () => {
    const text = intact.toString('latin1');
    const at = (pattern: RegExp): number => {
      const match = pattern.exec(text);
      if (match === null) throw new Error(`no ${pattern} in\n${text}`);
      return match.index + match[0].length - 1;
    };
    for (const pattern of [
      /^[0-9a-f]{20}/m,
      /\d+-\d+$/m,
      /currentEpoch \d/,
      /lastVoteEpoch \d/,
      /myself,mas/,
      /crc64 \S{4}/,
    ]) {
      await expectRefused(flip(at(pattern), 1));
    }
  });

  it('that holds something else', async () => {
    await expectRefused(Buffer.from('port 7000\ncluster-enabled yes\n'));
    await expectRefused(Buffer.from(intact.map((byte) => byte ^ 0x80)));
  });

  it('that is empty, for the id and the votes are lost', async () => {
    await expectRefused(Buffer.alloc(0));
  });

  it('given back intact lets the node return to its cluster', async () => {
    writeFileSync(victim.nodesConfPath, intact);
    await victim.start();
    await untilAgreed(servers);
    expect(existsSync(victim.nodesConfPath)).toBe(true);
    expect(readFileSync(victim.nodesConfPath, 'latin1')).toContain('myself');
  });
});
