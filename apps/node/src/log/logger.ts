// The log, in redis-server's format: `pid:role day month year time level message`. Tools wait for some of its lines and
// read the rest, so the form is theirs to keep.

import { appendFileSync } from 'node:fs';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
/** One character per level, in the order above. */
const MARKS = '.-*#';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What the process is just now: starting or a child (C), a primary (M), a replica (S). */
export type LogRole = 'C' | 'M' | 'S';

/** The longest message; the rest is cut. */
const MESSAGE_LENGTH_MAX = 1024;

export interface LoggerOptions {
  readonly write: (line: string) => void;
  /** Read at each message: CONFIG SET loglevel changes it. */
  readonly level: () => LogLevel;
  readonly role: () => LogRole;
  readonly processId: number;
  readonly now?: () => Date;
}

export class Logger {
  readonly #options: LoggerOptions;

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  debug(message: string): void {
    this.log('debug', message);
  }
  verbose(message: string): void {
    this.log('verbose', message);
  }
  notice(message: string): void {
    this.log('notice', message);
  }
  warning(message: string): void {
    this.log('warning', message);
  }

  log(level: LogLevel, message: string): void {
    const rank = LEVELS.indexOf(level);
    if (rank < LEVELS.indexOf(this.#options.level())) return;
    const { processId, role, write, now } = this.#options;
    // A name from outside must not begin a line of its own.
    const text = message.slice(0, MESSAGE_LENGTH_MAX).replaceAll(/[\r\n]/g, ' ');
    write(`${processId}:${role()} ${timestamp(now?.() ?? new Date())} ${MARKS[rank]} ${text}\n`);
  }

  /** Text of several lines as it is: the banner. */
  raw(text: string): void {
    this.#options.write(text);
  }
}

/** `20 Nov 2026 16:15:40.123`, local time. */
export function timestamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Writes lines to a file, opened for each so that it can be moved away, or to standard output. */
export function logWriter(path: string): (line: string) => void {
  if (path === '') return (line) => process.stdout.write(line);
  return (line) => {
    try {
      appendFileSync(path, line);
    } catch {
      // A full disk must not end the node; there is nowhere to say so either.
    }
  };
}
