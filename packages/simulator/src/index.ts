export { NodeClock, UNIX_START_MS } from './clock/node-clock.ts';
export type { Disk, DiskError, DiskFactory, FileContent } from './disk/disk.ts';
export type { Fault, FaultOptions, Strike } from './faults/fault.ts';
export {
  type Checks,
  type Invariant,
  SCAN_EVERY_MS,
  type Verdict,
} from './invariants/invariant.ts';
export type { OperatorAction, OperatorContext } from './operators/operator.ts';
export type {
  FaultSetting,
  OperatorSetting,
  SimulationOptions,
  WorkloadSetting,
} from './options.ts';
export { Dice, stream } from './random.ts';
export type { TraceRecord, TraceSink } from './trace/trace-sink.ts';
export type { Workload } from './workload/workload.ts';
export type {
  Connection,
  End,
  Ghost,
  Network,
  Place,
  SimNode,
  World,
  WorldEvents,
} from './world/contract.ts';
