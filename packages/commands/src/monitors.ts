// MONITOR: clients that are shown every command.

import type { Arguments } from '@slotmesh/resp';
import { latin1Bytes } from './bytes.ts';
import { isSecret } from './redaction.ts';
import type { Session } from './session.ts';

const SPECIAL: ReadonlyMap<number, string> = new Map([
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x07, '\\a'],
  [0x08, '\\b'],
]);

/** Bytes between quotes, what cannot be printed escaped. */
export function quoted(bytes: Uint8Array, start: number, end: number): string {
  let text = '"';
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    const special = SPECIAL.get(byte);
    if (special !== undefined) text += special;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `${text}"`;
}

export class Monitors {
  /** How many there are; a field, for it is looked at after every command. */
  size = 0;
  readonly #sessions = new Set<Session>();

  add(session: Session): void {
    session.isMonitor = true;
    this.#sessions.add(session);
    this.size = this.#sessions.size;
  }

  remove(session: Session): void {
    session.isMonitor = false;
    this.#sessions.delete(session);
    this.size = this.#sessions.size;
  }

  /** Shows a command that `by` has sent. `nowUs` is the wall clock. */
  show(by: Session, fullName: string, args: Arguments, nowUs: number): void {
    const seconds = Math.floor(nowUs / 1_000_000);
    const fraction = String(Math.floor(nowUs % 1_000_000)).padStart(6, '0');
    let line = `+${seconds}.${fraction} [${by.database} ${by.address}]`;
    for (let i = 0; i < args.count; i++) {
      line += isSecret(fullName, args, i)
        ? ' "(redacted)"'
        : ` ${quoted(args.buffer, args.starts[i], args.ends[i])}`;
    }
    const bytes = latin1Bytes(`${line}\r\n`);
    for (const session of this.#sessions) {
      session.reply.raw(bytes);
      session.pushedLength = session.reply.length;
      session.transport.wake();
    }
  }
}
