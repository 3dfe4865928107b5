// The table of faults.

import { crash } from './crash.ts';
import { delay } from './delay.ts';
import type { Fault } from './fault.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { reset } from './reset.ts';

/** Each takes the options that it draws itself. */
export const FAULTS: readonly Fault[] = [delay, partition, crash, pause, reset] as Fault[];
