// LOLWUT: a mesh of slots, woven anew each time.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER } from '../errors.ts';
import { REDIS_VERSION } from '../version.ts';

const WIDTH = 48;
const HEIGHT = 12;
/** Threads that go on from the left, from above, cross, turn or end. */
const THREADS = ['-', '|', '+', '/', '\\', 'o', ' '] as const;

export function lolwutCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (args.count >= 3 && isWord(args, 1, 'VERSION') && integerOf(args, 2) === null) {
    context.error(NOT_AN_INTEGER);
    return;
  }
  const { random } = context.ports;
  const rows: string[] = [];
  let above = ' '.repeat(WIDTH);
  for (let y = 0; y < HEIGHT; y++) {
    let row = '';
    for (let x = 0; x < WIDTH; x++) {
      // Most threads go on the way they came.
      const choice = random() % 16;
      if (choice < 5 && x > 0) row += row[x - 1];
      else if (choice < 10) row += above[x];
      else row += THREADS[random() % THREADS.length];
    }
    rows.push(row);
    above = row;
  }
  reply.verbatim('txt', `${rows.join('\n')}\n\nslotmesh, Redis ver. ${REDIS_VERSION}\n`);
}
