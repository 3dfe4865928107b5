// Runs the machines of a trace again, and says whether they still do the same.

import { TraceError } from '../trace/errors.ts';
import { replay } from '../trace/replay.ts';
import { UsageError } from './arguments.ts';
import type { Context } from './context.ts';
import { EventPrinter } from './event-printer.ts';
import { readTrace } from './files.ts';

/** Gives whether everything is as it was. Throws UsageError where the file is no trace. */
export function runReplay({ output, given }: Context, name: string): boolean {
  const bytes = readTrace(name);
  const { log } = given;
  const printer =
    log === 'none' ? null : new EventPrinter((...lines) => output.print(...lines), log);
  try {
    const result = replay(bytes, printer ?? undefined);
    printer?.flush();
    const { records, simulatedMs, hash, recordedHash, divergence, thrown } = result;
    output.print('', `${records} records, ${(simulatedMs / 1000).toFixed(1)} simulated seconds`);
    if (thrown !== null) {
      const told = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      output.print('at its end, a machine throws:', told);
    }
    if (divergence !== null) {
      const { record, atMs, node, message } = divergence;
      const at = `record ${record}, at ${(atMs / 1000).toFixed(3)} s, node ${node}`;
      output.print(`ANOTHER RUN from ${at}: ${message}`);
      return false;
    }
    const isSame = hash === recordedHash;
    output.print(isSame ? `hash ${hash}, as recorded` : `hash ${hash}, and not ${recordedHash}`);
    return isSame;
  } catch (error) {
    printer?.flush();
    if (error instanceof TraceError) throw new UsageError(`${name}: ${error.message}`);
    throw error;
  }
}
