// One client that writes, a command at a time, follows redirections, and keeps its history.
//
// Together with each write it asks for the node's ROLE, in one packet: the node carries both out one after the other, so
// the offset in the second answer is where its stream of commands stands right after the write. That is what tells later
// whether a replica had it.

import { setTimeout as delay } from 'node:timers/promises';
import { keySlot } from '@slotmesh/crc16-slots';
import { type Reply, RespConnection } from '../../../interop/support/resp-connection.ts';
import { within } from '../within.ts';
import { type History, SEPARATOR, type Write } from './history.ts';
import type { SlotMap } from './slot-map.ts';

export interface WriterOptions {
  /** Distinct among all writers; its keys begin with it. */
  readonly name: string;
  /** Pause between an answer and the next write. */
  readonly thinkMs: number;
  /** WAIT for so many replicas: a write counts only if as many have it. 0: no WAIT. */
  readonly confirmations: number;
  /** After this time without an answer the connection is given up, and the write's outcome is unknown. */
  readonly timeoutMs: number;
}

/** Every so many writes one goes to the end of the writer's own string instead of to a key of its own. */
const APPEND_EVERY = 4;
/** Between two attempts that were refused, and after an answer that did not come. */
const RETRY_MS = 20;
/** How long a WAIT waits: it is not answered before, where there are not enough replicas. */
const WAIT_MS = 500;

export class Writer {
  readonly #history: History;
  readonly #map: SlotMap;
  readonly #options: WriterOptions;
  readonly #connections = new Map<number, RespConnection>();
  #writes = 0;
  #string = 0;
  #stopping = false;

  constructor(history: History, map: SlotMap, options: WriterOptions) {
    this.#history = history;
    this.#map = map;
    this.#options = options;
  }

  /** Writes until it is told to stop; the last write is answered or given up then. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      const write = this.#next();
      await this.#complete(write);
      // What may still be carried out later must not come after writes of the same key.
      if (write.outcome === 'unknown' && write.kind === 'append') this.#string++;
      await delay(this.#options.thinkMs);
    }
    for (const connection of this.#connections.values()) connection.close();
  }

  stop(): void {
    this.#stopping = true;
  }

  #next(): Write {
    const { name } = this.#options;
    const n = this.#writes++;
    const kind = n % APPEND_EVERY === 0 ? 'append' : 'set';
    const key = kind === 'append' ? `${name}:appended:${this.#string}` : `${name}:${n}`;
    return this.#history.begin({
      ...{ writer: name, kind, key, slot: keySlot(key), value: `${name}=${n}` },
    });
  }

  /** Sends a write until it is acknowledged or its fate is unknown, or the writer stops. */
  async #complete(write: Write): Promise<void> {
    do {
      await this.#attempt(write);
      if (write.outcome !== 'refused') break;
      if (this.#map.follow(write.reply)) continue;
      await delay(RETRY_MS);
      await this.#map.learn();
    } while (!this.#stopping);
    if (write.outcome === 'unknown') await this.#map.learn();
  }

  async #attempt(write: Write): Promise<void> {
    const port = this.#map.portOf(write.slot);
    write.port = port;
    write.sentMs = performance.now();
    let connection: RespConnection;
    try {
      connection = await within(this.#options.timeoutMs, this.#connectionTo(port));
    } catch (error) {
      // It was not sent: that is as good as a refusal.
      settle(write, 'refused', (error as Error).message);
      return;
    }
    write.sentMs = performance.now();
    const { confirmations, timeoutMs } = this.#options;
    const commands: (string | number)[][] = [
      write.kind === 'append'
        ? ['APPEND', write.key, `${write.value}${SEPARATOR}`]
        : ['SET', write.key, write.value],
      ['ROLE'],
      ...(confirmations > 0 ? [['WAIT', confirmations, WAIT_MS]] : []),
    ];
    try {
      const replies = await within(timeoutMs, connection.callAll(commands));
      this.#judge(write, replies);
    } catch (error) {
      settle(write, 'unknown', (error as Error).message);
    }
    if (write.outcome === 'unknown') this.#giveUp(port);
  }

  #judge(write: Write, [reply, role, wait]: readonly (Reply | Error)[]): void {
    if (reply instanceof Error) {
      const lost = reply.name === 'ConnectionLostError';
      settle(write, lost ? 'unknown' : 'refused', reply.message);
      return;
    }
    if (Array.isArray(role) && role[0] === 'master') write.offset = Number(role[1]);
    const { confirmations } = this.#options;
    const confirmed = confirmations === 0 || (typeof wait === 'number' && wait >= confirmations);
    settle(write, confirmed ? 'acknowledged' : 'unknown', `${reply}`);
  }

  async #connectionTo(port: number): Promise<RespConnection> {
    const known = this.#connections.get(port);
    if (known?.isOpen) return known;
    const connection = await RespConnection.open(port);
    this.#connections.set(port, connection);
    return connection;
  }

  #giveUp(port: number): void {
    this.#connections.get(port)?.close();
    this.#connections.delete(port);
  }
}

function settle(write: Write, outcome: Write['outcome'], reply: string): void {
  write.answeredMs = performance.now();
  write.outcome = outcome;
  write.reply = reply;
}
