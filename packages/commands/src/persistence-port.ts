// What commands need of whoever keeps data on the disk. The app implements it; tests fake it.

/** While data are being loaded, at the start or from a primary. */
export interface LoadingFacts {
  readonly startedAtS: number;
  /** 0 where it is not known. */
  readonly totalBytes: number;
  readonly loadedBytes: number;
}

/** What INFO persistence prints. Times in seconds, -1 = there was none. */
export interface PersistenceFacts {
  readonly loading: LoadingFacts | null;
  /** Changes since the last save that succeeded. */
  readonly changesSinceSave: number;
  readonly isSaving: boolean;
  readonly lastSaveAtS: number;
  readonly lastSaveOk: boolean;
  readonly lastSaveTookS: number;
  /** How long the save that is under way has taken. */
  readonly currentSaveS: number;
  readonly saves: number;
}

/** `inProgress`: one is under way already. `failed`: the log says why. */
export type SaveOutcome = 'ok' | 'inProgress' | 'failed';

export interface PersistencePort {
  /** Data are being loaded: most commands are refused. After a change `processor.replicationChanged()` is called. */
  readonly isLoading: boolean;
  /** There are rules to save by, and the last save has failed. After a change as above. */
  readonly isFailing: boolean;
  facts(): PersistenceFacts;
  /**
   * SAVE: `done` is called once, at once or when the file is written; the client waits until then and is served nothing
   * else. Other clients may be served meanwhile.
   */
  save(done: (outcome: SaveOutcome) => void): void;
  /** BGSAVE. With `schedule` one that cannot begin now because another is under way begins after that. */
  saveInBackground(schedule: boolean): 'started' | 'scheduled' | 'inProgress' | 'failed';
}
