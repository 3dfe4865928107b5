// The table of operators' actions.

import { addSlots, bumpEpoch, delSlots, forget, meet, reset } from './commands.ts';
import { move } from './move.ts';
import type { OperatorAction } from './operator.ts';

export const OPERATORS: readonly OperatorAction[] = [
  meet,
  forget,
  bumpEpoch,
  addSlots,
  delSlots,
  reset,
  move,
];
