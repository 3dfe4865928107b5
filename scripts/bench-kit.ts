// Measuring for the benches: cases that are compared run interleaved in one process, round by round, so that a change of
// the machine's speed (heat, neighbours) meets all of them alike; the median of the rounds is what counts.

/** One side of a comparison. */
export interface BenchCase {
  readonly name: string;
  /** Does `operations` operations. What it computes must be used (returned, summed up), or the compiler removes it. */
  run(): unknown;
  readonly operations: number;
}

/** What is measured, and how often. */
export interface InterleaveOptions {
  /** Rounds that count; odd numbers make the median a measured value. */
  readonly rounds: number;
  /** Rounds before them, for the just-in-time compiler; 3 unless told otherwise. */
  readonly warmUpRounds?: number;
  readonly cases: readonly BenchCase[];
}

/** The medians of one case. */
export interface Measurement {
  readonly name: string;
  /** Time on the wall, in nanoseconds per operation. */
  readonly nsPerOperation: number;
  /** CPU time of this process (all its threads, the garbage collector's too), in nanoseconds per operation. */
  readonly cpuNsPerOperation: number;
}

/**
 * Runs all cases in every round, each round starting with the next case, and gives their medians in the cases' order.
 */
export async function interleave(options: InterleaveOptions): Promise<Measurement[]> {
  const { rounds, cases, warmUpRounds = 3 } = options;
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`rounds must be a whole number from 1 on, not ${rounds}`);
  }
  const samples = cases.map(() => ({ ns: [] as number[], cpuNs: [] as number[] }));
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (let i = 0; i < cases.length; i++) {
      const index = (i + round + warmUpRounds) % cases.length;
      const { ns, cpuNs } = await measure(cases[index]);
      if (round < 0) continue;
      samples[index].ns.push(ns);
      samples[index].cpuNs.push(cpuNs);
    }
  }
  return cases.map(({ name }, i) => ({
    name,
    nsPerOperation: median(samples[i].ns),
    cpuNsPerOperation: median(samples[i].cpuNs),
  }));
}

async function measure(benchCase: BenchCase): Promise<{ ns: number; cpuNs: number }> {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  const result = benchCase.run();
  if (result instanceof Promise) await result;
  const after = process.hrtime.bigint();
  const cpu = process.cpuUsage(cpuBefore);
  return {
    ns: Number(after - before) / benchCase.operations,
    cpuNs: ((cpu.user + cpu.system) * 1000) / benchCase.operations,
  };
}

/** The middle of the values; of an even count the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times faster `ours` is than `theirs`, both times per operation: `2.13x`. Above 1 we are ahead. */
export function ratio(ours: number, theirs: number): string {
  return `${(theirs / ours).toFixed(2)}x`;
}

/** A time per operation in a unit that reads well: `85.3 ns`, `1.20 us`, `3.05 ms`. */
export function formatNs(ns: number): string {
  if (ns < 1000) return `${ns.toPrecision(3)} ns`;
  if (ns < 1_000_000) return `${(ns / 1000).toPrecision(3)} us`;
  return `${(ns / 1_000_000).toFixed(2)} ms`;
}

/** One line of a table: column name to cell. Numbers, and text that starts with a digit, stand on the right. */
export type TableRow = Readonly<Record<string, string | number>>;

/** Prints rows under their column names, aligned. The columns are those of all rows, in order of appearance. */
export function table(rows: readonly TableRow[]): void {
  console.log(formatTable(rows));
}

/** The text that `table` prints. */
export function formatTable(rows: readonly TableRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? '')));
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map((line) => line[i].length)),
  );
  const numeric = columns.map((_, i) => cells.every((line) => /^(-?\d.*)?$/.test(line[i])));
  const format = (line: readonly string[]): string =>
    line
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [format(columns), format(widths.map((width) => '-'.repeat(width))), ...cells.map(format)]
    .filter((line) => line !== '')
    .join('\n');
}
