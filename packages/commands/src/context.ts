// What a handler works with: the command at hand and its surroundings. One object per processor, filled in anew for
// each command, so that a command costs no allocation here.

import type { Database } from '@slotmesh/keyspace';
import { latin1Bytes } from './bytes.ts';
import type { CommandCatalog, CommandEntry } from './catalog.ts';
import type { ClientRegistry } from './clients.ts';
import type { Ports } from './ports.ts';
import type { PubSub } from './pubsub.ts';
import type { Session } from './session.ts';
import type { ServerStats } from './stats.ts';

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;

export class CommandContext {
  readonly ports: Ports;
  readonly table: CommandCatalog;
  readonly clients: ClientRegistry;
  readonly pubsub: PubSub;
  readonly stats: ServerStats;

  session!: Session;
  command!: CommandEntry;
  database!: Database;
  /** The slot of the command's keys in cluster mode, else 0: where the keyspace keeps them. */
  slot = 0;
  /** Wall clock, Unix milliseconds, one value for the whole command. */
  nowMs = 0;
  /** The command has answered with an error. */
  failed = false;

  constructor(
    ports: Ports,
    table: CommandCatalog,
    clients: ClientRegistry,
    pubsub: PubSub,
    stats: ServerStats,
  ) {
    this.ports = ports;
    this.table = table;
    this.clients = clients;
    this.pubsub = pubsub;
    this.stats = stats;
  }

  /** Answers with an error: `text` begins with its code, such as `ERR`; characters are bytes (latin1). */
  error(text: string): void {
    this.failed = true;
    this.stats.countError(text);
    writeError(this.session, text);
  }

  /** "wrong number of arguments", for what the arity in the table cannot say. */
  arityError(): void {
    this.error(`ERR wrong number of arguments for '${this.command.fullName}' command`);
  }

  /** For a subcommand that does not exist in this form; `word` is the subcommand as the client wrote it. */
  subcommandError(word: string): void {
    const parent = this.command.parent ?? this.command;
    this.error(
      `ERR unknown subcommand or wrong number of arguments for '${word}'. ` +
        `Try ${parent.spec.name.toUpperCase()} HELP.`,
    );
  }
}

/**
 * Input that an error echoes may hold any bytes: they go out as they came, except that line ends become blanks, or
 * a client could smuggle a reply of its own into the stream.
 */
function writeError(session: Session, text: string): void {
  let isAscii = true;
  for (let i = 0; i < text.length && isAscii; i++) isAscii = text.charCodeAt(i) < 0x80;
  if (isAscii) {
    session.reply.error(text);
    return;
  }
  const line = latin1Bytes(`-${text}\r\n`);
  line[0] = DASH;
  for (let i = 1; i < line.length - 2; i++) if (line[i] === CR || line[i] === LF) line[i] = SPACE;
  session.reply.raw(line);
}
