// The data file of a node (`dbfilename`): loaded at the start, written by SAVE, BGSAVE, the `save` rules and at the end.
// It is written in slices while clients are served, as of the moment when it began: nothing is forked and nobody waits.

import { existsSync, statSync } from 'node:fs';
import {
  DatasetLoader,
  DatasetWriter,
  type LoadingFacts,
  type PersistenceFacts,
  type PersistencePort,
  type SaveOutcome,
} from '@slotmesh/commands';
import { replaceFile } from '@slotmesh/io';
import type { Database, Keyspace } from '@slotmesh/keyspace';
import type { SavedHistory } from '@slotmesh/replication';
import { fileReason } from '../cluster/saved-state.ts';
import type { Config } from '../config/config.ts';
import { systemText } from '../config/system-text.ts';
import type { Logger } from '../log/logger.ts';
import { NodeStartError } from '../process/errors.ts';
import { REDIS_VERSION } from '../process/version.ts';
import { loadFile } from './load-file.ts';
import { SaveRules } from './save-rules.ts';
import { historyOf } from './saved-history.ts';
import { snapshotParts } from './snapshot-parts.ts';
import { removeAbandoned } from './temporary-files.ts';

const SUCCESS = {
  foreground: 'DB saved on disk',
  background: 'Background saving terminated with success',
};

export interface PersistenceParts {
  readonly config: Config;
  readonly log: Logger;
  readonly keyspace: Keyspace;
  /** By their numbers. */
  readonly databases: () => readonly Database[];
  /** Keys are kept by slot. */
  readonly bySlot: boolean;
  /** The data file, absolute; '' = none. */
  readonly path: () => string;
  /** What a snapshot that is taken now says of the replication history. */
  readonly savedHistory: () => SavedHistory | null;
  /** Loading has begun or ended. */
  readonly changed: () => void;
}

/** What a data file said. */
export interface LoadedData {
  /** The replication history that the data belong to, if it says so. */
  readonly history: SavedHistory | null;
}

export class Persistence implements PersistencePort {
  readonly #parts: PersistenceParts;
  readonly #rules: SaveRules;
  #loading: { startedAtS: number; totalBytes: number; loadedBytes: number } | null = null;
  #saving: Promise<boolean> | null = null;
  #cancelling = new AbortController();
  readonly #closing = new AbortController();
  #savingSinceMs = 0;
  /** Another save is to begin when the one that runs is over. */
  #isScheduled = false;
  #changesAtSave = 0;
  #lastSaveAtS: number;
  #lastSaveOk = true;
  #lastSaveTookS = -1;
  #saves = 0;

  constructor(parts: PersistenceParts) {
    this.#parts = parts;
    this.#lastSaveAtS = nowS();
    this.#rules = new SaveRules(() => parts.config.words('save').map(Number));
  }

  // ---- loading ---------------------------------------------------------------------------------------------------

  get isLoading(): boolean {
    return this.#loading !== null;
  }

  beginLoading(totalBytes: number): void {
    this.#loading = { startedAtS: nowS(), totalBytes, loadedBytes: 0 };
    this.#parts.changed();
  }

  /** Begins to load into the databases, which must be empty. `keepsExpired`: as a replica does. */
  openLoader(keepsExpired: boolean): DatasetLoader {
    const { databases, bySlot } = this.#parts;
    return new DatasetLoader(databases(), { bySlot, keepsExpired, nowMs: Date.now() });
  }

  loaded(bytes: number): void {
    if (this.#loading !== null) this.#loading.loadedBytes = bytes;
  }

  endLoading(): void {
    this.#loading = null;
    this.#parts.changed();
  }

  /**
   * Loads the data file; null if there is none. A file that cannot be trusted ends the start with a
   * {@link NodeStartError}: to go on without it would be to lose it with the next save.
   */
  async loadAtStart(keepsExpired: boolean): Promise<LoadedData | null> {
    const { log, keyspace } = this.#parts;
    const path = this.#parts.path();
    if (path === '') return null;
    this.#removeAbandoned(path);
    if (!existsSync(path)) return null;
    const startedMs = performance.now();
    this.beginLoading(statSync(path).size);
    const loader = this.openLoader(keepsExpired);
    try {
      await loadFile(path, loader, (bytes) => this.loaded(bytes), this.#closing.signal);
    } catch (error) {
      throw new NodeStartError(
        `Fatal error loading the DB ${path}: ${fileReason(error)}. Exiting.`,
      );
    } finally {
      this.endLoading();
    }
    this.#changesAtSave = keyspace.changeCount;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(3);
    log.notice(`DB loaded from disk: ${seconds} seconds`);
    return { history: historyOf(loader.aux) };
  }

  #removeAbandoned(path: string): void {
    try {
      for (const name of removeAbandoned(path)) {
        this.#parts.log.notice(`Removed ${name}: a process that is gone has left it half written`);
      }
    } catch (error) {
      throw new NodeStartError(`Can't look into the folder of ${path}: ${systemText(error)}`);
    }
  }

  get isFailing(): boolean {
    return !this.#lastSaveOk && this.#rules.exist;
  }

  // ---- saving ----------------------------------------------------------------------------------------------------

  /** Opens a snapshot of the data as they are now. */
  openSnapshot(): DatasetWriter {
    const { config, keyspace, databases } = this.#parts;
    const history = this.#parts.savedHistory();
    return new DatasetWriter(databases(), {
      compression: config.isOn('rdbcompression'),
      checksum: config.isOn('rdbchecksum'),
      aux: [
        ['redis-ver', REDIS_VERSION],
        ['redis-bits', '64'],
        ['ctime', String(nowS())],
        ['used-mem', String(keyspace.usedBytes)],
        ...(history === null
          ? []
          : ([
              ['repl-stream-db', String(history.streamDb)],
              ['repl-id', history.id],
              ['repl-offset', String(history.offset)],
            ] as const)),
        ['aof-base', '0'],
      ],
    });
  }

  save(done: (outcome: SaveOutcome) => void): void {
    if (this.#saving !== null) {
      done('inProgress');
      return;
    }
    void this.#start('foreground').then((ok) => done(ok ? 'ok' : 'failed'));
  }

  saveInBackground(schedule: boolean): 'started' | 'scheduled' | 'inProgress' | 'failed' {
    if (this.#saving !== null) {
      if (!schedule) return 'inProgress';
      this.#isScheduled = true;
      return 'scheduled';
    }
    this.#parts.log.notice('Background saving started');
    void this.#start('background');
    return 'started';
  }

  /** Called ten times a second. */
  tick(): void {
    if (this.#saving !== null || this.isLoading) return;
    const { log } = this.#parts;
    if (this.#isScheduled) {
      this.#isScheduled = false;
      this.saveInBackground(false);
      return;
    }
    const rule = this.#rules.due(this.#changes, nowS() - this.#lastSaveAtS, nowS());
    if (rule === null) return;
    log.notice(`${rule.changes} changes in ${rule.seconds} seconds. Saving...`);
    this.saveInBackground(false);
  }

  /** Whether the data are to be saved when the node ends, where nobody says otherwise. */
  get savesAtEnd(): boolean {
    return this.#rules.exist;
  }

  /** Saves the data as they are now, in place of a save that is under way; false if it failed. */
  async saveAtEnd(): Promise<boolean> {
    await this.cancelSave();
    this.#parts.log.notice('Saving the final RDB snapshot before exiting.');
    return this.#start('foreground');
  }

  /** Gives up a save that is under way; the old file stays. Resolves when nothing of it is left. */
  async cancelSave(): Promise<void> {
    this.#isScheduled = false;
    if (this.#saving === null) return;
    this.#cancelling.abort();
    await this.#saving;
  }

  /** The node ends: nothing is written or loaded any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.cancelSave();
  }

  get #changes(): number {
    return this.#parts.keyspace.changeCount - this.#changesAtSave;
  }

  #start(where: 'foreground' | 'background'): Promise<boolean> {
    const { log } = this.#parts;
    const changes = this.#parts.keyspace.changeCount;
    this.#savingSinceMs = performance.now();
    this.#cancelling = new AbortController();
    const parts = snapshotParts(this.openSnapshot(), this.#cancelling.signal);
    const saving = replaceFile(this.#parts.path(), parts).then(
      () => {
        this.#changesAtSave = changes;
        this.#lastSaveAtS = nowS();
        this.#lastSaveOk = true;
        this.#saves++;
        log.notice(SUCCESS[where]);
        this.#parts.changed();
        return true;
      },
      (error: unknown) => {
        if (this.#cancelling.signal.aborted) return false;
        // As with redis-server SAVE tells whoever called it, and nobody else.
        if (where === 'background') this.#lastSaveOk = false;
        this.#rules.failed(nowS());
        this.#parts.changed();
        log.warning(`Failed saving the DB: ${fileReason(error)}`);
        return false;
      },
    );
    this.#saving = saving.finally(() => {
      this.#lastSaveTookS = Math.floor((performance.now() - this.#savingSinceMs) / 1000);
      this.#saving = null;
    });
    return this.#saving;
  }

  // ---- facts -----------------------------------------------------------------------------------------------------

  facts(): PersistenceFacts {
    const isSaving = this.#saving !== null;
    return {
      loading: this.#loading as LoadingFacts | null,
      changesSinceSave: this.#changes,
      isSaving,
      lastSaveAtS: this.#lastSaveAtS,
      lastSaveOk: this.#lastSaveOk,
      lastSaveTookS: this.#lastSaveTookS,
      currentSaveS: isSaving ? Math.floor((performance.now() - this.#savingSinceMs) / 1000) : -1,
      saves: this.#saves,
    };
  }
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
