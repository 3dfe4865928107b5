// One machine without surroundings: inputs one by one, effects as lines of text.

import { seededRandom } from '@slotmesh/machine';
import {
  DEFAULT_REPLICATION_OPTIONS,
  Replication,
  type ReplicationEffect,
  type ReplicationInput,
  type ReplicationOptions,
  type SavedHistory,
} from '../../src/index.ts';
import { bytes, commandArguments, text } from './bytes.ts';

export const OLD_ID: string = 'a'.repeat(40);
export const OTHER_ID: string = 'b'.repeat(40);

function show(effect: ReplicationEffect): string {
  const { kind, ...rest } = effect;
  const values = Object.values(rest).map((value) =>
    value instanceof Uint8Array
      ? JSON.stringify(text(value))
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value),
  );
  return [kind, ...values].join(' ');
}

export class Solo {
  readonly machine: Replication;
  now = 1_700_000_000_000;
  readonly #effects: ReplicationEffect[] = [];

  constructor(
    options: Partial<ReplicationOptions> = {},
    saved: SavedHistory | null = null,
    startsAsReplica = false,
  ) {
    this.machine = new Replication({
      options: { ...DEFAULT_REPLICATION_OPTIONS, disklessSyncDelayMs: 0, ...options },
      random: seededRandom(7),
      nowMs: this.now,
      saved,
      startsAsReplica,
    });
  }

  /** The effects since this was last asked; this node's id is written as `ID`. */
  take(): string[] {
    const lines = this.#effects.splice(0).map(show);
    return lines.map((line) => line.replaceAll(this.machine.id, 'ID'));
  }

  step(input: ReplicationInput): string[] {
    this.machine.step(this.now, input, this.#effects);
    this.machine.invariants();
    return this.take();
  }

  settle(): string[] {
    this.machine.settle(this.now, this.#effects);
    this.machine.invariants();
    return this.take();
  }

  tick(ms = 100): string[] {
    this.now += ms;
    return [...this.step({ kind: 'tick' }), ...this.settle()];
  }

  command(client: number, ...words: string[]): string[] {
    const args = commandArguments(...words);
    return this.step({ kind: 'command', client, remoteHost: '10.0.0.9', args });
  }

  data(link: number, data: string): string[] {
    return this.step({ kind: 'linkData', link, bytes: bytes(data) });
  }

  write(...words: string[]): void {
    this.machine.appendCommand(0, commandArguments(...words));
  }

  /** Makes a client a replica that is online. */
  attach(client: number): void {
    this.command(client, 'REPLCONF', 'capa', 'eof', 'capa', 'psync2');
    const [start] = this.command(client, 'PSYNC', '?', '-1').filter((line) =>
      line.startsWith('startSnapshot'),
    );
    const snapshot = Number(start.split(' ')[1]);
    this.step({ kind: 'snapshotStarted', snapshot });
    this.step({ kind: 'snapshotEnd', snapshot });
    this.command(client, 'REPLCONF', 'ACK', String(this.machine.offset));
    const sent = this.machine.facts(this.now).replicas.find((one) => one.client === client);
    this.step({ kind: 'sent', client, bytes: sent?.waitingBytes ?? 0 });
    this.settle();
    this.take();
  }

  /** Makes a client a replica by a partial synchronization from the end. */
  attachBehind(client: number): void {
    this.command(client, 'PSYNC', this.machine.id, String(this.machine.offset + 1));
  }

  /** Makes this a replica with a stream, at offset 100 of `OLD_ID`; returns its link. */
  followUntilConnected(): number {
    const link = this.openLink();
    this.data(link, `+FULLRESYNC ${OLD_ID} 100\r\n$0\r\n`);
    this.step({ kind: 'loaded', load: 1, streamDb: 0 });
    return link;
  }

  /** Follows a primary as far as to PSYNC. */
  openLink(): number {
    const [connect] = this.step({ kind: 'follow', address: { host: 'p', port: 1 } });
    const link = Number(connect.split(' ')[1]);
    this.step({ kind: 'linkUp', link });
    this.data(link, '+PONG\r\n');
    this.data(link, '+OK\r\n+OK\r\n');
    return link;
  }
}
