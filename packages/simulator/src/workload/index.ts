// The table of workloads.

import { publishes } from './publishes.ts';
import { reads } from './reads.ts';
import type { Workload } from './workload.ts';
import { writes } from './writes.ts';

/** Each takes the options that it draws itself. */
export const WORKLOADS: readonly Workload[] = [writes, reads, publishes] as Workload[];
