// DEBUG RELOAD: everything into an RDB file in memory and back, as the test suites of the real servers want it.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { DatasetError } from '../dataset/errors.ts';
import { DatasetLoader } from '../dataset/loader.ts';
import { DatasetWriter } from '../dataset/writer.ts';

const ENTRIES_PER_STEP = 1000;

export function debugReload(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  for (let i = 2; i < args.count; i++) {
    if (isWord(args, i, 'MERGE')) continue;
    if (isWord(args, i, 'NOFLUSH') || isWord(args, i, 'NOSAVE')) {
      context.error('ERR DEBUG RELOAD always saves what it loads, and loads into empty databases');
      return;
    }
    context.error('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
    return;
  }
  const { databases, nowMs, ports } = context;
  const chunks = saved(context);
  if (chunks === null) return;
  for (const database of databases) database.clear();
  const bySlot = ports.cluster !== null;
  const loader = new DatasetLoader(databases, { bySlot, nowMs, keepsExpired: false });
  for (const chunk of chunks) loader.push(chunk);
  loader.end();
  reply.simple('OK');
}

/** The file in pieces; null where it cannot be written, and the client has been told so. */
function saved(context: CommandContext): Uint8Array[] | null {
  const writer = new DatasetWriter(context.databases);
  const chunks: Uint8Array[] = [];
  try {
    while (writer.step(ENTRIES_PER_STEP)) chunks.push(writer.take());
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    context.error(`ERR ${error.message}`);
    return null;
  }
  while (writer.length > 0) chunks.push(writer.take());
  return chunks;
}
