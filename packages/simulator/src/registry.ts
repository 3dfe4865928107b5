// What a run can be made of: the tables of faults, operators' actions, workloads and invariants. A
// test or a script may bring its own.

import { type DiskFactory, nodeDisk } from './disk/node-disk.ts';
import type { Fault } from './faults/fault.ts';
import { FAULTS } from './faults/index.ts';
import { INVARIANTS } from './invariants/index.ts';
import type { Invariant } from './invariants/invariant.ts';
import { OPERATORS } from './operators/index.ts';
import type { OperatorAction } from './operators/operator.ts';
import { WORKLOADS } from './workload/index.ts';
import type { Workload } from './workload/workload.ts';

export interface Registry {
  readonly faults: readonly Fault[];
  readonly operators: readonly OperatorAction[];
  readonly workloads: readonly Workload[];
  readonly invariants: readonly Invariant[];
  readonly disk: DiskFactory;
}

export const REGISTRY: Registry = {
  faults: FAULTS,
  operators: OPERATORS,
  workloads: WORKLOADS,
  invariants: INVARIANTS,
  disk: nodeDisk,
};
