// Hot path where there are replicas: what goes into their stream, and in which form; bench in bench/execute.bench.ts.
//
// A command goes as it came, unless it means something else at another time or on another server: then its handler puts
// another one in its place (`instead`). Keys that go by themselves while it runs go before it, as DEL or UNLINK. Where one
// command or transaction makes several, MULTI and EXEC keep them together; a transaction of which one command has changed
// something needs none. All of it follows redis-server 7.0.15 (call, propagatePendingCommands).

import type { Arguments } from '@slotmesh/resp';
import { CommandBuffer } from './command-buffer.ts';
import type { ReplicationFeed } from './replication-port.ts';
import { KeptArguments } from './transaction.ts';

const ANY_DATABASE = -1;
const MULTI = new CommandBuffer().begin('MULTI');
const EXEC = new CommandBuffer().begin('EXEC');

export class Propagation {
  readonly #feed: ReplicationFeed;
  readonly #instead = new CommandBuffer();
  #hasInstead = false;
  readonly #removal = new CommandBuffer();
  /** The first command of the unit: fed when it is known whether there is a second. */
  #held: Arguments | null = null;
  #heldDatabase = 0;
  /** There was a second: MULTI has been fed. */
  #isOpen = false;

  constructor(feed: ReplicationFeed) {
    this.#feed = feed;
  }

  /**
   * A command that goes in the place of the one that is running, to be completed by the caller, which has made its change
   * by then.
   */
  instead(name: string): CommandBuffer {
    this.#hasInstead = true;
    return this.#instead.begin(name);
  }

  /** As {@link instead}, beginning with the first `count` arguments of the command itself. */
  insteadOf(args: Arguments, count: number): CommandBuffer {
    this.#hasInstead = true;
    const command = this.#instead.clear();
    for (let i = 0; i < count; i++) command.argument(args, i);
    return command;
  }

  /** A command has run that changed something. `isLast`: its unit ends with it. */
  add(database: number, args: Arguments, isLast: boolean): void {
    const command = this.#hasInstead ? this.#instead : args;
    this.#hasInstead = false;
    if (isLast && this.#held === null && !this.#isOpen) this.#feed.command(database, command);
    else this.#addToUnit(database, command);
  }

  /** A key goes by itself. `isAlone`: outside of every unit. */
  removed(
    word: 'DEL' | 'UNLINK',
    database: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    isAlone: boolean,
  ): void {
    const command = this.#removal.begin(word).bytes(bytes, start, end);
    if (isAlone) this.#feed.command(database, command);
    else this.#addToUnit(database, command);
  }

  #addToUnit(database: number, command: Arguments): void {
    if (this.#isOpen) {
      this.#feed.command(database, command);
      return;
    }
    if (this.#held === null) {
      this.#held = new KeptArguments(command);
      this.#heldDatabase = database;
      return;
    }
    this.#isOpen = true;
    this.#feed.command(ANY_DATABASE, MULTI);
    this.#feed.command(this.#heldDatabase, this.#held);
    this.#held = null;
    this.#feed.command(database, command);
  }

  /** The command or transaction is over. */
  end(): void {
    this.#hasInstead = false;
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#feed.command(ANY_DATABASE, EXEC);
    } else if (this.#held !== null) {
      const held = this.#held;
      this.#held = null;
      this.#feed.command(this.#heldDatabase, held);
    }
  }

  /** Nobody listens any more. */
  reset(): void {
    this.#hasInstead = false;
    this.#held = null;
    this.#isOpen = false;
  }
}
