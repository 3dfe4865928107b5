// The table of operators' actions: single commands, then procedures. What tools do beside these waits
// in waiting.ts.

import { addNode } from './add-node.ts';
import {
  addSlots,
  bumpEpoch,
  delSlots,
  flushSlots,
  forget,
  meet,
  meetWrongly,
  reset,
  saveConfig,
  setConfigEpoch,
} from './commands.ts';
import { create } from './create.ts';
import { delNode } from './del-node.ts';
import { addReplica, failover, failoverForced, replicate, shutdown } from './failover.ts';
import { fix } from './fix.ts';
import { move } from './move.ts';
import type { OperatorAction } from './operator.ts';
import { setTimeoutOption } from './set-timeout.ts';

export const OPERATORS: readonly OperatorAction[] = [
  ...[meet, meetWrongly, forget, bumpEpoch, setConfigEpoch, saveConfig, addSlots, delSlots],
  ...[flushSlots, reset],
  ...[replicate, failover, failoverForced, shutdown, addReplica],
  ...[move, create, addNode, delNode, fix, setTimeoutOption],
];
