import { describe, expect, it } from 'vitest';
import { commandFor, parseArguments, UsageError } from '../../src/cli/arguments.ts';
import { FLAGS } from '../../src/cli/flags.ts';

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''));

describe('the command line', () => {
  it('searches a hundred seeds, if nothing is said', () => {
    const search = { kind: 'search', from: 1, seeds: 100, minutes: null, untilFailure: false };
    expect(parse('')).toMatchObject({ job: search, settings: {}, log: 'all', jobs: null });
    expect(parse('--minutes 10').job).toEqual({ ...search, seeds: null, minutes: 10 });
    expect(parse('--minutes 10 --seeds 7 --from 100').job).toEqual({
      ...search,
      ...{ seeds: 7, minutes: 10, from: 100 },
    });
    const endless = { ...search, seeds: null, untilFailure: true };
    expect(parse('--until-failure').job).toEqual(endless);
  });

  it('takes one seed, a trace, or a question for help', () => {
    expect(parse('--seed 9007199254740991').job).toEqual({ kind: 'seed', seed: 2 ** 53 - 1 });
    expect(parse('--replay a.trace --brief')).toMatchObject({
      job: { kind: 'replay', file: 'a.trace' },
      log: 'brief',
    });
    expect(parse('--seed 1 --help').job).toEqual({ kind: 'help' });
    expect(parse('--seed=3 --quiet --shrink --trace=t --jobs=2 --mutant x')).toMatchObject({
      ...{ job: { kind: 'seed', seed: 3 }, log: 'none', shrink: true, trace: 't', jobs: 2 },
      mutant: 'x',
    });
  });

  it('counts lost writes for as many seeds as a search has', () => {
    const job = { kind: 'lostWrites', file: 'page.md', from: 1, seeds: 100 };
    expect(parse('--lost-writes page.md').job).toEqual(job);
    expect(parse('--lost-writes page.md --seeds 5 --from 9 --nodes 8')).toMatchObject({
      job: { ...job, from: 9, seeds: 5 },
      settings: { nodes: 8 },
    });
  });

  it('takes what is set of the runs', () => {
    const line =
      '--nodes 5 --voters 3 --node-timeout 2000 --faulty-ms 10 --start files --codec on ' +
      '--faults crash,pause --operators none --workloads writes --mask crash#1-3,operator#7';
    expect(parse(line).settings).toEqual({
      ...{ nodes: 5, voters: 3, nodeTimeoutMs: 2000, faultyMs: 10, start: 'files', codec: true },
      ...{ faults: ['crash', 'pause'], operators: [], workloads: ['writes'] },
      masked: ['crash#1', 'crash#2', 'crash#3', 'operator#7'],
    });
  });

  it('says a run as one command, which says the same run', () => {
    const lines = [
      '--seed 1',
      '--seed 2 --nodes 5 --voters 3 --node-timeout 2000 --faulty-ms 10 --start meet',
      '--seed 3 --codec off --faults none --operators move --workloads none',
      '--seed 4 --mutant forgetful --codec on --faults crash,pause --mask crash#1-3,pause#9',
    ];
    for (const line of lines) {
      const { job, settings, mutant } = parse(line);
      const seed = job.kind === 'seed' ? job.seed : -1;
      const command = commandFor(seed, settings, mutant);
      expect(command.startsWith('npm run simulate -- --seed ')).toBe(true);
      expect(parse(command.replace('npm run simulate -- ', ''))).toEqual(parse(line));
    }
  });

  it.each([
    ['--sede 1', "unknown option '--sede'; see --help"],
    ['seed', "unknown option 'seed'; see --help"],
    ['--seed', '--seed needs a value: --seed N'],
    ['--seed --quiet', '--seed needs a value: --seed N'],
    ['--trace=', '--trace needs a value: --trace FILE'],
    ['--quiet=1', '--quiet takes no value'],
    ['--seed 1 --seed 2', '--seed is given twice'],
    ['--seed -1', "--seed takes a whole number from 0 to 9007199254740991, not '-1'"],
    ['--seed 1.5', "--seed takes a whole number from 0 to 9007199254740991, not '1.5'"],
    ['--jobs 0', "--jobs takes a whole number from 1 to 1024, not '0'"],
    ['--nodes 1e3', "--nodes takes a whole number from 1 to 10000, not '1e3'"],
    ['--start never', "--start takes meet or files, not 'never'"],
    ['--codec maybe', "--codec takes on or off, not 'maybe'"],
    ['--faults a,,b', "--faults takes names with commas between, or 'none', not 'a,,b'"],
    ['--seed 1 --minutes 2', '--seed and --minutes do not go together'],
    ['--lost-writes a --minutes 3', '--lost-writes and --minutes do not go together'],
    ['--replay a --seed 1', '--seed and --replay do not go together'],
    ['--replay a --nodes 3', '--replay and --nodes do not go together'],
    ['--mask crash', "--mask: 'crash' is no strike: one is named partition#3, or partition#3-7"],
    ['--mask crash#1-999999999', "--mask: 'crash#1-999999999' makes it more than 100000 strikes"],
  ])('refuses %s', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  it('has one row a flag', () => {
    const names = FLAGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { takes, value } of FLAGS) expect(value === undefined).toBe(takes === 'none');
  });
});
