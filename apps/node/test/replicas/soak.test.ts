import { describe, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { REPLICATED } from '../../bench/support/replicated.ts';
import { parseArguments, UsageError } from '../../soak/arguments.ts';
import { soak } from '../../soak/soak.ts';
import { redisServer, slotmeshNode } from '../interop/support/server-process.ts';

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''));

describe('the command line of the soak', () => {
  it('runs twenty rounds of ours, if nothing is said', () => {
    expect(parse('')).toEqual({
      ...{ kind: slotmeshNode, rounds: 20, minutes: null, seed: 1, nodeTimeoutMs: 2000 },
      ...{ wait: false, writers: 20, libraries: true, directives: [] },
    });
    expect(parse('--help')).toBeNull();
  });

  it('takes what is said, and no rounds where the time is', () => {
    const line = '--servers redis --rounds=200 --wait --seed 7 --node-timeout 5000 --writers 3';
    expect(parse(`${line} --no-libraries`)).toMatchObject({
      ...{ kind: redisServer, rounds: 200, wait: true, seed: 7, nodeTimeoutMs: 5000 },
      ...{ writers: 3, libraries: false },
    });
    expect(parse('--minutes 5')).toMatchObject({ minutes: 5, rounds: 1_000_000 });
    const directive = parseArguments(['--directive', 'save 60 1', '--directive=hz 50']);
    expect(directive?.directives).toEqual(['--save', '60', '1', '--hz', '50']);
  });

  it.each([
    ['--round 3', "unknown option '--round'; see --help"],
    ['--seed', '--seed needs a value'],
    ['--servers valkey', "--servers takes slotmesh or redis, not 'valkey'"],
    ['--rounds 0', "--rounds takes a whole number from 1 to 1000000, not '0'"],
    ['--rounds x', "--rounds takes a whole number from 1 to 1000000, not 'x'"],
  ])('%s is refused', (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message));
  });
});

const runs = REPLICATED.flatMap((variant) => [
  { ...variant, wait: false, seed: 3 },
  { ...variant, wait: true, seed: 1 },
]);

describeWithRedis('the soak', () => {
  it.each(runs)('explains what is lost: $name, WAIT $wait', async ({ kind, args, wait, seed }) => {
    const lines: string[] = [];
    const report = await soak(
      {
        ...{ kind, wait, seed, rounds: 2, minutes: null, nodeTimeoutMs: 1000, writers: 5 },
        ...{ libraries: false, directives: args },
      },
      (line) => lines.push(line),
    );
    expect(report.unexplained).toEqual([]);
    expect(report.rounds).toHaveLength(2);
    expect(report.acknowledged).toBeGreaterThan(0);
    for (const { recoveredMs } of report.rounds) expect(recoveredMs).toBeGreaterThan(0);
    if (wait) expect([report.async, report.minority]).toEqual([0, 0]);
    expect(lines.filter((line) => /^round [12] {2}(kill|pause|lose) /.test(line))).toHaveLength(2);
    expect(lines.at(-1)).toMatch(/writes acknowledged; lost: \d+ async, \d+ minority, 0 unexpl/);
  });
});
