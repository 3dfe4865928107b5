// What --help prints: the flags, and the tables of names.

import { FAULTS } from '../faults/index.ts';
import { INVARIANTS } from '../invariants/index.ts';
import { OPERATORS } from '../operators/index.ts';
import { WORKLOADS } from '../workload/index.ts';
import { FLAGS } from './flags.ts';

const HEAD = `npm run simulate -- [options]

Runs clusters of the real packages in virtual time. One seed decides a run: nodes, network, disks,
clocks, faults, operators, clients. Every step is checked; a failure is told with the command that
shows it again. Exit code: 0 nothing was found, 1 something was, 2 the command line is wrong.`;

const EXAMPLES = `Examples
  npm run simulate -- --seeds 1000                     search
  npm run simulate -- --minutes 10 --until-failure --shrink
  npm run simulate -- --seed 7 --brief                 one run, without its messages
  npm run simulate -- --seed 7 --trace run.trace --quiet
  npm run simulate -- --replay run.trace --brief       the same run, without the seed`;

export function helpText(): string {
  const flags = FLAGS.flatMap(({ group, name, value, help }) => {
    const line = row(`--${name}${value === undefined ? '' : ` ${value}`}`, help);
    return group === undefined ? [line] : ['', group, line];
  });
  const tables = [
    ['Faults', FAULTS],
    ["Operators' actions", OPERATORS],
    ['Workloads', WORKLOADS],
  ] as const;
  const names = tables.flatMap(([title, table]) => [
    '',
    title,
    ...table.map(({ name, title: help }) => row(name, help)),
  ]);
  const invariants = ['', 'Invariants', ...INVARIANTS.map(({ id, title }) => row(id, title))];
  return [HEAD, ...flags, '', EXAMPLES, ...names, ...invariants].join('\n');
}

function row(name: string, help: string): string {
  return `  ${name.padEnd(20)} ${help}`;
}
