// Replication and persistence as a test wants them: a feed that remembers, and facts to set.

import type { Arguments } from '@slotmesh/resp';
import type {
  PersistencePort,
  ReplicationFacts,
  ReplicationPort,
  SaveOutcome,
  Session,
} from '../../src/index.ts';

/** One command of a stream. `database` is -1 for MULTI and EXEC. */
export interface StreamCommand {
  readonly database: number;
  readonly words: readonly string[];
}

export function wordsOf(args: Arguments): string[] {
  return Array.from({ length: args.count }, (_, i) =>
    Buffer.from(args.buffer.subarray(args.starts[i], args.ends[i])).toString('latin1'),
  );
}

export class TestReplication implements ReplicationPort {
  readonly feed: { isActive: boolean; command(database: number, args: Arguments): void };
  /** What was fed. */
  readonly stream: StreamCommand[] = [];
  /** What the port was asked to do, in order. */
  readonly calls: string[] = [];
  /** How far each replica is. */
  readonly acknowledged: number[] = [];
  role: 'primary' | 'replica' = 'primary';
  isLinkUp = false;
  goodReplicaCount = 0;
  offset = 0;
  followed: string | null = null;
  /** Called when the role has changed. */
  onChange: () => void = () => undefined;
  more: Partial<ReplicationFacts> = {};

  constructor() {
    this.feed = {
      isActive: false,
      command: (database, args) => {
        const words = wordsOf(args);
        this.stream.push({ database, words });
        this.offset += words.join(' ').length;
      },
    };
  }

  /** The stream since the last call, a line for each command: `0 SET k v`. */
  take(): string[] {
    const taken = this.stream.splice(0);
    return taken.map(
      ({ database, words }) => `${database < 0 ? '' : `${database} `}${words.join(' ')}`,
    );
  }

  replicasAt(offset: number): number {
    return this.acknowledged.filter((reached) => reached >= offset).length;
  }

  facts(): ReplicationFacts {
    return {
      primaryLink: null,
      replicas: [],
      id: 'a'.repeat(40),
      secondId: '0'.repeat(40),
      offset: this.offset,
      secondOffset: -1,
      backlog: { isActive: false, sizeBytes: 1_048_576, firstByteOffset: 0, lengthBytes: 0 },
      fullSyncs: 0,
      partialSyncs: 0,
      refusedPartialSyncs: 0,
      inputBytes: 0,
      outputBytes: 0,
      ...this.more,
    };
  }

  requestAcks(): void {
    this.calls.push('requestAcks');
  }

  follow(host: string, port: number): 'started' | 'already' {
    const primary = `${host.toLowerCase()} ${port}`;
    if (this.followed === primary) return 'already';
    this.calls.push(`follow ${primary}`);
    this.followed = primary;
    this.#become('replica');
    return 'started';
  }

  followNobody(): void {
    this.calls.push('followNobody');
    this.followed = null;
    this.#become('primary');
  }

  #become(role: 'primary' | 'replica'): void {
    this.role = role;
    this.onChange();
  }

  changeId(): void {
    this.calls.push('changeId');
  }

  replicaCommand(session: Session, args: Arguments): void {
    const words = wordsOf(args);
    this.calls.push(`${session.id} ${words.join(' ')}`);
    if (words[0].endsWith('SYNC')) session.isReplica = true;
  }

  acknowledge(): void {
    this.calls.push('acknowledge');
  }

  replicaLeft(session: Session): void {
    this.calls.push(`${session.id} left`);
  }

  streamFailed(command: string | null, error: string): void {
    this.calls.push(`stream failed: ${command}: ${error}`);
  }
}

export class TestPersistence implements PersistencePort {
  isLoading = false;
  isFailing = false;
  outcome: 'started' | 'scheduled' | 'inProgress' | 'failed' = 'started';
  /** What SAVE waits for; null: it is answered at once, with `saved`. */
  pending: ((outcome: SaveOutcome) => void)[] | null = null;
  saved: SaveOutcome = 'ok';
  readonly schedules: boolean[] = [];

  facts(): ReturnType<PersistencePort['facts']> {
    return {
      loading: this.isLoading
        ? { startedAtS: 1_700_000_000, totalBytes: 1000, loadedBytes: 250 }
        : null,
      changesSinceSave: 3,
      isSaving: false,
      lastSaveAtS: 1_700_000_050,
      lastSaveOk: true,
      lastSaveTookS: 1,
      currentSaveS: -1,
      saves: 2,
    };
  }

  save(done: (outcome: SaveOutcome) => void): void {
    if (this.pending === null) done(this.saved);
    else this.pending.push(done);
  }

  saveInBackground(schedule: boolean): 'started' | 'scheduled' | 'inProgress' | 'failed' {
    this.schedules.push(schedule);
    return this.outcome;
  }
}
