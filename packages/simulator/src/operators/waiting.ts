// Operators' actions that real tools have and that cannot be tried yet, with what they wait for. Each
// becomes a file of its own, and goes into the table, when the rule is there.

export interface WaitingAction {
  /** As it will be called. */
  readonly name: string;
  readonly title: string;
  readonly waitsFor: string;
}

export const WAITING_ACTIONS: readonly WaitingAction[] = [
  {
    name: 'setslot',
    title: 'opens and closes slots at random nodes, in every order (redis#3776)',
    waitsFor: 'CLUSTER SETSLOT: slot states, in the migration rules',
  },
  {
    name: 'reshard',
    title: 'moves slots as redis-cli --cluster reshard does, cut off between any two steps',
    waitsFor: 'CLUSTER SETSLOT, MIGRATE: slot states and keys in transit',
  },
  {
    name: 'fix-open-slots',
    title: 'closes open slots as redis-cli --cluster fix does',
    waitsFor: 'CLUSTER SETSLOT, COUNTKEYSINSLOT on both sides of a move',
  },
];
