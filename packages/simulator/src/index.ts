export { NodeClock, UNIX_START_MS } from './clock/node-clock.ts';
export type { Disk, DiskError, DiskParts, FileContent } from './disk/disk.ts';
export { type DiskFactory, NodeDisk, nodeDisk } from './disk/node-disk.ts';
export type { Fault, Strike } from './faults/fault.ts';
export { FAULTS } from './faults/index.ts';
export { INVARIANTS } from './invariants/index.ts';
export {
  type Checks,
  type Invariant,
  SCAN_EVERY_MS,
  type Verdict,
} from './invariants/invariant.ts';
export { InvariantError } from './invariants/monitor.ts';
export { disagreement } from './liveness/quiescence.ts';
export { OPERATORS } from './operators/index.ts';
export type { OperatorAction, OperatorContext } from './operators/operator.ts';
export type {
  Assumption,
  FaultOptions,
  FaultSetting,
  OperatorSetting,
  SimulationOptions,
  WorkloadSetting,
} from './options.ts';
export { Dice, stream } from './random.ts';
export { REGISTRY, type Registry } from './registry.ts';
export { type RunSeedParts, runSeed, type SeedFailure, type SeedOutcome } from './run-seed.ts';
export { ScriptError, type ScriptErrorCode } from './script/errors.ts';
export {
  type Difference,
  describeDifferences,
  runScript,
  type ScriptResult,
} from './script/runner.ts';
export { optionsWith, type Settings, SettingsError } from './settings.ts';
export { attempt } from './shrink/attempt.ts';
export { type Attempt, type ShrinkParts, type Shrunk, shrink } from './shrink/shrink.ts';
export {
  type Failure,
  type Phase,
  type RunResult,
  Simulation,
  type SimulationParts,
} from './simulation.ts';
export { FAULTY_MS, optionsOf } from './swarm.ts';
export { TraceError, type TraceErrorCode } from './trace/errors.ts';
export { isTold, logLine } from './trace/event-log.ts';
export { NodeNames } from './trace/names.ts';
export { RecentRecords } from './trace/recent-records.ts';
export { type Divergence, type ReplayResult, replay } from './trace/replay.ts';
export { type TraceEnd, TraceReader } from './trace/trace-reader.ts';
export type { TraceRecord, TraceSink } from './trace/trace-sink.ts';
export { TraceWriter, type TraceWriterParts } from './trace/trace-writer.ts';
export { WORKLOADS } from './workload/index.ts';
export type { Workload } from './workload/workload.ts';
export { ClusterWorld, type WorldParts } from './world/cluster-world.ts';
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
