// What a node brings from its last life: the lock on its nodes.conf, and the table in it, or a new identity for a node
// that nobody knows yet. What is wrong becomes the one line that ends the start.

import { randomBytes } from 'node:crypto';
import { FileError, FileLockedError } from '@slotmesh/io';
import { NodesConfError } from '@slotmesh/nodes-conf';
import { Topology } from '@slotmesh/topology';
import { systemText } from '../config/system-text.ts';
import type { Logger } from '../log/logger.ts';
import { NodeStartError } from '../process/errors.ts';
import { NodesFile } from './nodes-file.ts';

const ID_BYTES = 20;

/** What failed at a file, in words for the log. */
export function fileReason(error: unknown): string {
  return error instanceof FileError ? `${error.step}: ${systemText(error)}` : systemText(error);
}

/** Locks nodes.conf. Throws {@link NodeStartError}. */
export async function openNodesFile(path: string): Promise<NodesFile> {
  try {
    return await NodesFile.open(path);
  } catch (error) {
    if (error instanceof FileLockedError) {
      throw new NodeStartError(
        `Sorry, the cluster configuration file ${path} is already used by process ${error.holderPid}: ` +
          'nodes must not share one.',
      );
    }
    if (!(error instanceof FileError)) throw error;
    throw new NodeStartError(
      `Can't use the cluster configuration file ${path}: ${fileReason(error)}`,
    );
  }
}

/** The table from the file, or a new one; this node's own ports are those that it listens on now. */
export function initialTopology(
  file: NodesFile,
  nowMs: number,
  ports: { readonly port: number; readonly busPort: number },
  log: Logger,
): Topology {
  const saved = read(file, nowMs);
  if (saved !== null) {
    const { self } = saved;
    saved.setAddress(self, { host: saved.addressOf(self).host, altPort: 0, ...ports });
    log.notice(`Node configuration loaded, I'm ${saved.idOf(self)}`);
    return saved;
  }
  const id = randomBytes(ID_BYTES).toString('hex');
  log.notice(`No cluster configuration found, I'm ${id}`);
  const topology = new Topology({
    id,
    address: { host: '', altPort: 0, ...ports },
    createdMs: nowMs,
    shardId: randomBytes(ID_BYTES).toString('hex'),
  });
  // The file may have been lost, and the votes that this process gave under its former name be in use.
  topology.hasVoteMemory = false;
  return topology;
}

function read(file: NodesFile, nowMs: number): Topology | null {
  try {
    return file.read(nowMs);
  } catch (error) {
    const reason = error instanceof NodesConfError ? error.message : systemText(error);
    throw new NodeStartError(
      `Unrecoverable error: corrupted cluster config file ${file.path}: ${reason}`,
    );
  }
}
