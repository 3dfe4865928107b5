// The flags of the command line: one table, which the parser and the help read.

/** What a flag takes: nothing, a number, a list (commas between), or a word. */
export type FlagValue = 'none' | 'number' | 'list' | 'text';

export interface Flag {
  readonly name: string;
  readonly takes: FlagValue;
  /** What the value is called in the help. */
  readonly value?: string;
  readonly help: string;
  /** A title in the help stands before it. */
  readonly group?: string;
}

export const FLAGS: readonly Flag[] = [
  {
    group: 'What to do (100 seeds are searched, if nothing is said)',
    name: 'seeds',
    takes: 'number',
    value: 'N',
    help: 'search so many seeds',
  },
  { name: 'minutes', takes: 'number', value: 'N', help: 'search for so long' },
  { name: 'from', takes: 'number', value: 'N', help: 'the first seed of a search; 1 by default' },
  { name: 'until-failure', takes: 'none', help: 'stop a search at the first seed that fails' },
  { name: 'seed', takes: 'number', value: 'N', help: 'run one seed, and print its event log' },
  { name: 'replay', takes: 'text', value: 'FILE', help: 'run the machines of a trace again' },
  {
    name: 'lost-writes',
    takes: 'text',
    value: 'FILE',
    help: 'count lost writes with and without the lease; a page',
  },
  { name: 'shrink', takes: 'none', help: 'make the failure that is found smaller' },
  {
    group: 'The runs (what is not said is drawn from the seed; lists may be "none")',
    name: 'nodes',
    takes: 'number',
    value: 'N',
    help: 'how many nodes',
  },
  { name: 'voters', takes: 'number', value: 'N', help: 'how many of them own slots' },
  { name: 'node-timeout', takes: 'number', value: 'MS', help: 'cluster-node-timeout' },
  { name: 'faulty-ms', takes: 'number', value: 'MS', help: 'how long faults strike; 60000' },
  {
    name: 'start',
    takes: 'text',
    value: 'HOW',
    help: "nodes 'meet', or know each other by 'files'",
  },
  { name: 'codec', takes: 'text', value: 'WORD', help: "'on': messages pass as bytes; or 'off'" },
  {
    name: 'replicas',
    takes: 'text',
    value: 'WORD',
    help: "'off': nobody has any; or 'on', as drawn",
  },
  { name: 'faults', takes: 'list', value: 'A,B', help: 'exactly these faults' },
  { name: 'operators', takes: 'list', value: 'A,B', help: 'exactly these actions of operators' },
  { name: 'workloads', takes: 'list', value: 'A,B', help: 'exactly these kinds of clients' },
  {
    name: 'mask',
    takes: 'list',
    value: 'A#1-3',
    help: 'leave out these strikes and actions, as the log names them',
  },
  { name: 'mutant', takes: 'text', value: 'NAME', help: 'put a known bug into the rules' },
  { name: 'mutants', takes: 'none', help: 'look for all known bugs; or for those that are named' },
  {
    group: 'Output',
    name: 'trace',
    takes: 'text',
    value: 'FILE',
    help: 'write the run (of a search: its first failure) as MessagePack',
  },
  { name: 'brief', takes: 'none', help: 'leave messages, saves and links out of the event log' },
  { name: 'quiet', takes: 'none', help: 'no event log' },
  { name: 'jobs', takes: 'number', value: 'N', help: 'worker threads; one a core by default' },
  { name: 'help', takes: 'none', help: 'print this, and the names of faults and operators' },
];
