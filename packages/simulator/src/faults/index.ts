// The table of faults, by what they strike: the network, addresses, time, processes, disks. Those
// that break what everything else counts on say so, and come last.

import { clog } from './clog.ts';
import { crash } from './crash.ts';
import { crashLoop } from './crash-loop.ts';
import { damage } from './damage.ts';
import { delay } from './delay.ts';
import { diskErrors } from './disk-errors.ts';
import { diskFull } from './disk-full.ts';
import { diskReadOnly } from './disk-read-only.ts';
import type { Fault } from './fault.ts';
import { flapping } from './flapping.ts';
import { forgedFrames } from './forged-frames.ts';
import { forgedMessages } from './forged-messages.ts';
import { halfOpen } from './half-open.ts';
import { lateTicks } from './late-ticks.ts';
import { lossy } from './lossy.ts';
import { lostData } from './lost-data.ts';
import { lyingDisk } from './lying-disk.ts';
import { oom } from './oom.ts';
import { partialWrites } from './partial-writes.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { peerRules } from './peer-rules.ts';
import { relocate } from './relocate.ts';
import { replicationCut } from './replication-cut.ts';
import { reset } from './reset.ts';
import { slowDisk } from './slow-disk.ts';
import { slowReader } from './slow-reader.ts';
import { slowReplica } from './slow-replica.ts';
import { staleSnapshot } from './stale-snapshot.ts';
import { stall } from './stall.ts';
import { strangers } from './strangers.ts';
import { swapAddresses } from './swap-addresses.ts';
import { swappedFiles } from './swapped-files.ts';
import { swizzle } from './swizzle.ts';
import { tickStorm } from './tick-storm.ts';
import { wallJump } from './wall-jump.ts';

/** Each takes the options that it draws itself. */
export const FAULTS: readonly Fault[] = [
  ...[delay, clog, partition, flapping, swizzle, reset, halfOpen, slowReader],
  ...[replicationCut, slowReplica, lostData],
  ...[relocate, swapAddresses, strangers],
  ...[wallJump, lateTicks, tickStorm],
  ...[crash, crashLoop, oom, pause, stall, peerRules],
  ...[slowDisk, partialWrites, diskErrors, diskFull, diskReadOnly, damage],
  ...[lossy, lyingDisk, staleSnapshot, swappedFiles, forgedMessages, forgedFrames],
] as Fault[];
