// The safety rules whose packages are not there yet, and what each waits for; it joins with them, in a
// file of its own. And those that are asked elsewhere than by an Invariant.

/** A rule that nothing asks for yet. */
export interface Waiting {
  /** As in the list of safety rules. */
  readonly id: string;
  readonly title: string;
  readonly waitsFor: 'failover' | 'migration' | 'replication' | 'commands' | 'persistence';
}

export const WAITING: readonly Waiting[] = [
  { id: 'A2', title: 'One vote for a voter and an epoch', waitsFor: 'failover' },
  {
    id: 'A4',
    title: 'One election won in an epoch, by a majority of voters',
    waitsFor: 'failover',
  },
  { id: 'A5', title: 'Elections give out different config epochs', waitsFor: 'failover' },
  { id: 'A12', title: 'One stream for a replication id', waitsFor: 'replication' },
  { id: 'A13', title: 'A replica is not ahead of its primary', waitsFor: 'replication' },
  { id: 'M1', title: 'A key in transit is readable at one node', waitsFor: 'migration' },
  { id: 'M2', title: 'No write to a migrating slot is lost', waitsFor: 'migration' },
  { id: 'M3', title: 'An aborted migration leaves the source as it was', waitsFor: 'migration' },
  { id: 'M4', title: 'A finished migration leaves nothing at the source', waitsFor: 'migration' },
  {
    id: 'M5',
    title: 'A failover in a migration never deletes on both sides',
    waitsFor: 'migration',
  },
  { id: 'C1', title: 'What is read was written', waitsFor: 'commands' },
  { id: 'C2', title: 'A key is linearizable while its primary stays', waitsFor: 'commands' },
  { id: 'C3', title: 'Every lost write has a permitted cause', waitsFor: 'replication' },
  { id: 'C4', title: 'WAIT counts replicas that have it', waitsFor: 'replication' },
  {
    id: 'C6',
    title: 'A primary serves no value older than it acknowledged',
    waitsFor: 'replication',
  },
  { id: 'C7', title: 'A transaction is whole after a failover', waitsFor: 'replication' },
  { id: 'C9', title: 'One reply a command, in order', waitsFor: 'commands' },
  { id: 'Q5', title: 'Replicas hold what their primaries hold', waitsFor: 'replication' },
  { id: 'Q6', title: 'A primary that had a replica has one', waitsFor: 'failover' },
  { id: 'L2', title: 'A dead voter is replaced in time', waitsFor: 'failover' },
  { id: 'L3', title: 'So are several that die together', waitsFor: 'failover' },
  { id: 'L7', title: 'A migration ends', waitsFor: 'migration' },
  { id: 'D2', title: 'appendfsync always keeps every write', waitsFor: 'persistence' },
  { id: 'D3', title: 'everysec loses two seconds at most', waitsFor: 'persistence' },
  { id: 'D4', title: 'A damaged data file is refused', waitsFor: 'persistence' },
  { id: 'D5', title: 'Nothing is acknowledged after a failed fsync', waitsFor: 'persistence' },
  { id: 'D6', title: 'Without the memory of votes no vote is given', waitsFor: 'failover' },
  { id: 'D7', title: 'A primary without its data lets its replicas win', waitsFor: 'replication' },
];

/** By id: where else it is asked. */
export const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['A18', 'test/simulation.test.ts: a seed twice, and in other batches, is the same run'],
  ['Q1', 'liveness/quiescence.ts, whenever a run is to agree'],
  ['Q2', 'liveness/quiescence.ts'],
  ['Q3', 'liveness/quiescence.ts'],
  ['Q4', 'liveness/quiescence.ts'],
  ['Q7', 'liveness/quiescence.ts'],
  ['L1', 'simulation.ts: from the last fault to agreement'],
]);
