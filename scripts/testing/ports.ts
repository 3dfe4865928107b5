// Free ports and folders for tests and benches. Ports are taken below the range that the system hands to outgoing
// connections (32768 and up on Linux), so that nothing grabs one between the moment it is found free and its use.

import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOWEST_PORT = 10_000;
const EPHEMERAL_PORT_MIN = 32_768;

/** The cluster bus listens this far above the client port, unless a node is told otherwise. */
export const BUS_PORT_OFFSET = 10_000;

/** Ports that this process has handed out: the owner may not have bound them yet. */
const handedOut = new Set<number>();

/** A port on 127.0.0.1 that nobody listens on. */
export function freePort(): Promise<number> {
  return findPort(EPHEMERAL_PORT_MIN, [0]);
}

/** A port on 127.0.0.1 that is free together with its bus port, `BUS_PORT_OFFSET` above it. */
export function freeClusterPort(): Promise<number> {
  return findPort(EPHEMERAL_PORT_MIN - BUS_PORT_OFFSET, [0, BUS_PORT_OFFSET]);
}

/** Starts at a random port, so that test workers running side by side rarely look at the same one. */
async function findPort(end: number, offsets: readonly number[]): Promise<number> {
  const span = end - LOWEST_PORT;
  const first = Math.floor(Math.random() * span);
  for (let i = 0; i < span; i++) {
    const port = LOWEST_PORT + ((first + i) % span);
    const ports = offsets.map((offset) => port + offset);
    if (ports.some((one) => handedOut.has(one))) continue;
    for (const one of ports) handedOut.add(one);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return port;
  }
  throw new Error(`no free port between ${LOWEST_PORT} and ${end}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A folder of its own under the system's temporary folder. */
export interface TemporaryDirectory {
  readonly path: string;
  /** Removes the folder with its content; may be called twice. */
  remove(): Promise<void>;
}

const leftOver = new Set<string>();
let exitHookInstalled = false;

/** Makes an empty folder. What nobody removed goes when the process exits. */
export function temporaryDirectory(prefix = 'slotmesh-'): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), prefix));
  leftOver.add(path);
  if (!exitHookInstalled) process.once('exit', removeLeftOver);
  exitHookInstalled = true;
  return {
    path,
    async remove() {
      leftOver.delete(path);
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function removeLeftOver(): void {
  for (const path of leftOver) rmSync(path, { recursive: true, force: true });
}
