// The table of workloads.

import type { Workload } from './workload.ts';
import { writes } from './writes.ts';

/** Each takes the options that it draws itself. */
export const WORKLOADS: readonly Workload[] = [writes] as Workload[];
