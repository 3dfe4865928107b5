// The safety rules whose packages are not there yet, and what each waits for; it joins with them, in a
// file of its own. And those that are asked elsewhere than by an Invariant.

/** A rule that nothing asks for yet. */
export interface Waiting {
  /** As in the list of safety rules. */
  readonly id: string;
  readonly title: string;
  readonly waitsFor: 'migration' | 'commands' | 'persistence' | 'gossip';
}

export const WAITING: readonly Waiting[] = [
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
  { id: 'C9', title: 'One reply a command, in order', waitsFor: 'commands' },
  { id: 'L7', title: 'A migration ends', waitsFor: 'migration' },
  { id: 'D2', title: 'appendfsync always keeps every write', waitsFor: 'persistence' },
  { id: 'D3', title: 'everysec loses two seconds at most', waitsFor: 'persistence' },
  { id: 'D4', title: 'A damaged data file is refused', waitsFor: 'persistence' },
  { id: 'D5', title: 'Nothing is acknowledged after a failed fsync', waitsFor: 'persistence' },
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
  ['L2', 'liveness/drill.ts: voters are killed in a cluster at rest'],
  ['L3', 'liveness/drill.ts: several at once'],
  ['Q6', 'invariants/q06-orphans-get-a-replica.ts, asked before the cluster rests'],
]);
