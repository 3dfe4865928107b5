// How a node ends in good order: no more writes, replicas get what they have not got yet, the data are saved if they are
// to be. An end that would lose data is called off, unless whoever asked for it insists.

import { setTimeout as delay } from 'node:timers/promises';
import type { CommandProcessor, ShutdownRequest } from '@slotmesh/commands';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log/logger.ts';
import type { Persistence } from '../persistence/persistence.ts';
import type { NodeReplication } from '../replication/node-replication.ts';

/** How often the replicas are looked at. */
const POLL_MS = 20;
const FAR_FUTURE_MS = Number.MAX_SAFE_INTEGER;

/** What the words of `shutdown-on-sigterm` and `shutdown-on-sigint` ask for. */
export function shutdownRequest(words: readonly string[]): ShutdownRequest {
  const save = words.includes('save') ? 'save' : words.includes('nosave') ? 'nosave' : 'default';
  return { save, now: words.includes('now'), force: words.includes('force') };
}

export interface ShutdownParts {
  readonly config: Config;
  readonly log: Logger;
  readonly processor: CommandProcessor;
  readonly persistence: Persistence;
  readonly replication: NodeReplication;
}

export class Shutdown {
  readonly #parts: ShutdownParts;
  #waiting: AbortController | null = null;

  constructor(parts: ShutdownParts) {
    this.#parts = parts;
  }

  /** Calls off a shutdown that waits for replicas; true if there was one. */
  abort(): boolean {
    if (this.#waiting === null) return false;
    this.#waiting.abort();
    return true;
  }

  /** Resolves to true when the node may end; to false if it goes on: it was called off, or the data cannot be saved. */
  async prepare(request: ShutdownRequest): Promise<boolean> {
    const { processor, replication, log } = this.#parts;
    if (!request.now && !(await this.#waitForReplicas())) {
      log.warning('Shutdown manually aborted.');
      processor.resumeWrites();
      return false;
    }
    if (await this.#save(request)) return true;
    if (request.force) {
      log.warning('Error trying to save the DB. Exiting anyway.');
      return true;
    }
    log.warning("Error trying to save the DB, can't exit.");
    replication.pause(false);
    processor.resumeWrites();
    return false;
  }

  /** False if it was called off. */
  async #waitForReplicas(): Promise<boolean> {
    const { config, log, processor, replication } = this.#parts;
    const timeoutS = config.number('shutdown-timeout');
    if (timeoutS === 0 || replication.role === 'replica' || replication.isEveryReplicaUpToDate) {
      return true;
    }
    processor.pauseWrites(FAR_FUTURE_MS);
    log.notice('Waiting for replicas before shutting down.');
    const waiting = new AbortController();
    this.#waiting = waiting;
    const untilMs = performance.now() + timeoutS * 1000;
    replication.requestAcks();
    while (!replication.isEveryReplicaUpToDate && performance.now() < untilMs) {
      await delay(POLL_MS);
      if (waiting.signal.aborted) break;
    }
    this.#waiting = null;
    if (!waiting.signal.aborted && !replication.isEveryReplicaUpToDate) {
      log.warning('Lagging replicas did not catch up before shutdown-timeout.');
    }
    return !waiting.signal.aborted;
  }

  async #save({ save }: ShutdownRequest): Promise<boolean> {
    const { persistence } = this.#parts;
    const isWanted = save === 'save' || (save === 'default' && persistence.savesAtEnd);
    if (isWanted && !persistence.isLoading) return persistence.saveAtEnd();
    // The old file is what stays.
    await persistence.cancelSave();
    return true;
  }
}
