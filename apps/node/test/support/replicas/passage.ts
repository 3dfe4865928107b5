// One connection through the network that can be cut: bytes, ends and errors of each direction go on while it is open, and
// wait while it is not. Both directions are looked at again whenever `update` is called.

import { connect, type Socket } from 'node:net';

/** `there`: from who has connected to whom; `back`: the answers. */
export type Direction = 'there' | 'back';

export interface PassageOptions {
  /** Where to, asked when it is dialled; null: nobody is there. */
  target(): { readonly host: string; readonly port: number } | null;
  isOpen(direction: Direction): boolean;
  onClose(): void;
}

/** Takes a paused socket that was accepted with `allowHalfOpen`. */
export class Passage {
  readonly #near: Socket;
  readonly #options: PassageOptions;
  #far: Socket | null = null;
  readonly #full = { there: false, back: false };
  /** An end comes also while a socket is paused: it is kept then. */
  readonly #ended = { there: false, back: false };
  #closed = false;

  constructor(near: Socket, options: PassageOptions) {
    this.#near = near;
    this.#options = options;
    near.on('error', () => undefined); // 'close' follows
    near.on('close', () => this.update());
  }

  /** Does what may be done now. */
  update(): void {
    if (this.#closed) return;
    const there = this.#options.isOpen('there');
    const back = this.#options.isOpen('back');
    const far = this.#far;
    if (far === null) {
      // A handshake takes both ways. The system has accepted it already, so here it hangs after `connect`, without a byte.
      if (there && back) this.#dial();
      return;
    }
    if (there) this.#passOn(this.#near, far, 'there');
    else this.#near.pause();
    if (back) this.#passOn(far, this.#near, 'back');
    else far.pause();
    if (this.#near.destroyed && far.destroyed) this.destroy();
  }

  /** Whoever is still there sees the connection reset. */
  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of [this.#near, this.#far]) {
      if (socket !== null && !socket.destroyed) socket.resetAndDestroy();
    }
    this.#options.onClose();
  }

  #dial(): void {
    const target = this.#options.target();
    if (target === null || this.#near.destroyed) {
      this.destroy();
      return;
    }
    const far = connect({ ...target, allowHalfOpen: true, noDelay: true });
    far.pause();
    far.on('error', () => undefined);
    far.on('close', () => this.update());
    this.#far = far;
    this.#join(this.#near, far, 'there');
    this.#join(far, this.#near, 'back');
    this.update();
  }

  #join(from: Socket, to: Socket, direction: Direction): void {
    from.on('data', (chunk: Buffer) => {
      // To somebody who is gone while nobody may be told: nowhere.
      if (to.destroyed || to.writableEnded || to.write(chunk)) return;
      this.#full[direction] = true;
      this.update();
    });
    to.on('drain', () => {
      this.#full[direction] = false;
      this.update();
    });
    from.on('end', () => {
      this.#ended[direction] = true;
      this.update();
    });
  }

  /** What an open direction carries: bytes, an end, and the news that somebody is gone without one. */
  #passOn(from: Socket, to: Socket, direction: Direction): void {
    if (this.#ended[direction]) {
      if (!to.destroyed) to.end();
    } else if (from.destroyed) {
      this.destroy();
    } else if (this.#full[direction]) {
      from.pause();
    } else {
      from.resume();
    }
  }
}
