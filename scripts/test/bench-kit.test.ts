import { describe, expect, it } from 'vitest';
import { formatNs, formatTable, interleave, median, ratio } from '../bench-kit.ts';

describe('interleave', () => {
  it('runs every case once per round, warm-up included, and starts each round with the next one', async () => {
    const order: string[] = [];
    const makeCase = (name: string) => ({ name, operations: 1, run: () => void order.push(name) });
    const results = await interleave({
      rounds: 2,
      warmUpRounds: 1,
      cases: [makeCase('a'), makeCase('b'), makeCase('c')],
    });
    expect(order.join('')).toBe('abcbcacab');
    expect(results.map((result) => result.name)).toEqual(['a', 'b', 'c']);
  });

  it('waits for cases that are asynchronous', async () => {
    let finished = 0;
    const run = async (): Promise<void> => {
      await Promise.resolve();
      finished++;
    };
    const [result] = await interleave({ rounds: 3, cases: [{ name: 'a', operations: 2, run }] });
    expect(finished).toBe(6);
    expect(result.nsPerOperation).toBeGreaterThan(0);
    expect(result.cpuNsPerOperation).toBeGreaterThanOrEqual(0);
  });

  it('refuses to measure nothing', async () => {
    await expect(interleave({ rounds: 0, cases: [] })).rejects.toThrow('rounds');
  });
});

describe('figures', () => {
  it('takes the median', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([10, 1, 2, 3])).toBe(2.5);
  });

  it('says how many times faster we are', () => {
    expect(ratio(10, 25)).toBe('2.50x');
    expect(ratio(25, 10)).toBe('0.40x');
  });

  it('picks the unit', () => {
    expect([0.5, 85.31, 1204, 3_050_000].map(formatNs)).toEqual([
      '0.500 ns',
      '85.3 ns',
      '1.20 us',
      '3.05 ms',
    ]);
  });

  it('aligns columns, figures on the right', () => {
    const rows = [
      { what: 'strings', ns: 8.1, ratio: '2.10x' },
      { what: 'bytes', ns: 12.25, note: 'n' },
    ];
    expect(formatTable(rows)).toBe(
      [
        'what        ns  ratio  note',
        '-------  -----  -----  ----',
        'strings    8.1  2.10x',
        'bytes    12.25         n',
      ].join('\n'),
    );
  });
});
