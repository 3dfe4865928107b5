// The simplest disk: it takes its time, never fails, and keeps what it said it would. What was under
// way when the process or the power went is lost.

import type { Disk, DiskError, DiskFactory, FileContent } from './disk.ts';

export class PlainDisk implements Disk {
  readonly #files = new Map<string, FileContent>();
  readonly #parts: Parameters<DiskFactory>[0];
  #life = 0;

  constructor(parts: Parameters<DiskFactory>[0]) {
    this.#parts = parts;
  }

  replace(path: string, content: FileContent, done: (error: DiskError | null) => void): void {
    const { dice, latencyMs, after } = this.#parts;
    const life = this.#life;
    after(latencyMs.min + dice.exponential(latencyMs.mean), () => {
      if (life !== this.#life) return;
      this.#files.set(path, content);
      done(null);
    });
  }

  read(path: string): Uint8Array | null {
    return this.#files.get(path)?.bytes() ?? null;
  }

  processEnded(): void {
    this.#life++;
  }

  powerLost(): void {
    this.#life++;
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  heal(): void {}
}

export const plainDisk: DiskFactory = (parts) => new PlainDisk(parts);
