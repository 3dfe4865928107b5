// Files that the command line reads and writes: traces, and pages.

import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SimulationOptions } from '../options.ts';
import { TraceWriter } from '../trace/trace-writer.ts';
import { UsageError } from './arguments.ts';

export interface TraceFile {
  readonly writer: TraceWriter;
  /** The run is over. */
  end(hash: string): void;
}

/** A new file, or an old one that is overwritten. Throws UsageError where it cannot be. */
export function writeTrace(name: string, options: SimulationOptions): TraceFile {
  const file = attempt('write', name, () => openSync(pathOf(name), 'w'));
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; ) {
      at += attempt('write', name, () => writeSync(file, bytes, at));
    }
  };
  const writer = new TraceWriter({ options, write });
  return {
    writer,
    end: (hash) => {
      writer.end(hash);
      closeSync(file);
    },
  };
}

/** Throws UsageError where it cannot be read. */
export function readTrace(name: string): Uint8Array {
  return attempt('read', name, () => readFileSync(pathOf(name)));
}

/** A text file, the same way. It is opened at once, so that what cannot be written is said before a long search. */
export function writeText(name: string): (text: string) => void {
  const file = attempt('write', name, () => openSync(pathOf(name), 'a'));
  return (text) => {
    ftruncateSync(file);
    attempt('write', name, () => writeSync(file, text));
    closeSync(file);
  };
}

/** From the folder in which npm was called, which need not be that of its scripts. */
function pathOf(name: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), name);
}

function attempt<T>(what: string, name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot ${what} ${name}: ${code ?? message}`);
  }
}
