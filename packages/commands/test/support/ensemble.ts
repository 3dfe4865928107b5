// Several clients of one server, step by step: after each step, what every one of them has received. For what a command
// of one client does to another: messages, invalidations, notifications, watched keys.

import { connect, type Socket } from 'node:net';
import { encodeCommand } from '@slotmesh/resp';
import type { TestNode } from './test-node.ts';

/** Which client, and the commands that it sends at once. `ID0`, `ID1`... stand for the ids of the clients. */
export interface Step {
  readonly client: number;
  readonly commands: readonly (readonly string[])[];
}

/** Lines such as `0: SET k v; GET k`. */
export function steps(text: string): Step[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [client, rest] = [Number(line.slice(0, line.indexOf(':'))), line.slice(2).trim()];
      const commands = rest.split(';').map((command) => command.trim().split(' '));
      return { client, commands: commands.map((words) => words.map((w) => (w === "''" ? '' : w))) };
    });
}

function withIds(step: Step, ids: readonly number[]): Uint8Array[] {
  return step.commands.map((command) =>
    encodeCommand(command.map((word) => word.replace(/^ID(\d)$/, (_, i) => String(ids[i])))),
  );
}

const mark = (i: number): string => `@@step-${i}@@`;

/** Takes the answer to the mark's PING off the end. */
function withoutMark(text: string, i: number): string {
  const end = text.indexOf(mark(i));
  const head = text.slice(0, end).replace(/\$\d+\r\n$/, '');
  return head.endsWith('*2\r\n$4\r\npong\r\n') ? head.slice(0, -14) : head;
}

class RealClient {
  readonly #socket: Socket;
  #received = '';
  #waiting: (() => void) | null = null;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setEncoding('latin1');
    this.#socket.setTimeout(10_000, () => this.#socket.destroy(new Error('no answer')));
    this.#socket.on('data', (chunk: string) => {
      this.#received += chunk;
      this.#waiting?.();
    });
    this.#socket.on('error', () => this.#waiting?.());
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  async until(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    const end = this.#received.indexOf(text) + text.length + 2;
    const seen = this.#received.slice(0, end);
    this.#received = this.#received.slice(end);
    return seen;
  }

  close(): void {
    this.#socket.destroy();
  }
}

export interface Performance {
  readonly ids: readonly number[];
  /** What the clients received, client by client, step by step. */
  readonly received: readonly (readonly string[])[];
}

export async function realPerformance(
  port: number,
  count: number,
  all: readonly Step[],
): Promise<Performance> {
  const clients = Array.from({ length: count }, () => new RealClient(port));
  const ids: number[] = [];
  for (const client of clients) {
    client.write(encodeCommand(['CLIENT', 'ID']));
    client.write(encodeCommand(['PING', 'first']));
    ids.push(Number(/:(\d+)/.exec(await client.until('first'))![1]));
  }
  const received: string[][] = [];
  for (const [i, step] of all.entries()) {
    for (const bytes of withIds(step, ids)) clients[step.client].write(bytes);
    const order = [step.client, ...clients.keys()].filter((c, at, list) => list.indexOf(c) === at);
    const texts = new Array<string>(count).fill('');
    for (const c of order) {
      clients[c].write(encodeCommand(['PING', mark(i)]));
      texts[c] = withoutMark(await clients[c].until(mark(i)), i);
    }
    received.push(texts);
  }
  for (const client of clients) client.close();
  return { ids, received };
}

/** The same on our side, with the ids that the real server gave. */
export function ourPerformance(
  node: TestNode,
  ids: readonly number[],
  all: readonly Step[],
): Performance {
  const clients = ids.map((id) => node.connect({ id }));
  const received: string[][] = [];
  for (const step of all) {
    for (const bytes of withIds(step, ids)) clients[step.client].feed(bytes);
    received.push(clients.map((client) => client.take()));
  }
  for (const { session } of clients) node.processor.disconnect(session);
  return { ids, received };
}
