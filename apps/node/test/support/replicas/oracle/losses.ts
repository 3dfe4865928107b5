// Explains acknowledged writes that are missing at the end. Replication is asynchronous, so some may be; each must have one
// of the permitted causes, and whatever has none is a bug:
//
// async     the old primary had acknowledged it, and it lies after the last byte that the promoted replica had of the old
//           primary's stream when it was promoted
// minority  the same, and it was acknowledged after the primary had lost its contact to the others: paused or cut off
//
// Writes that were confirmed by WAIT of every replica of the shard have no permitted cause at all.

import type { Write } from '../load/history.ts';
import { type Lineage, offsetBoundAfter, type Tenure } from './lineage.ts';

/** Why a write is missing. */
export type Verdict =
  | { readonly cause: 'async' | 'minority' }
  | { readonly cause: 'unexplained'; readonly reason: string };

/** A node that could not talk to the others from some time on. */
export interface Isolation {
  readonly port: number;
  readonly fromMs: number;
  /** When it was told that it is a replica now, or found it out; infinite while it is not known. */
  readonly toMs: number;
}

/** What is known about the shard that the write belongs to. */
export interface ShardFacts {
  /** The clients' ports of its members. */
  readonly ports: readonly number[];
  /** The stream that its primary writes at the end. */
  readonly finalStream: string;
}

export interface OracleOptions {
  readonly lineage: Lineage;
  readonly isolations: readonly Isolation[];
  /** Writes were confirmed by WAIT of all replicas. */
  readonly confirmed: boolean;
  /**
   * How long after it lost its contact a primary may go on acknowledging: a node timeout for servers that hold a lease,
   * infinite for others.
   */
  readonly minorityWindowMs: number;
}

/** Explains one acknowledged write that is not there. */
export function explainLoss(write: Write, shard: ShardFacts, options: OracleOptions): Verdict {
  if (options.confirmed) return unexplained('every replica of its shard had confirmed it');
  const ports = write.port === null ? shard.ports : [write.port];
  const tenures = ports.flatMap((port) => options.lineage.tenuresAt(port, write.answeredMs));
  if (tenures.length === 0) {
    return unexplained(`${ports.join(' or ')} was not seen as a primary when it was acknowledged`);
  }
  const verdicts = tenures.map((tenure) => explainBy(write, tenure, shard, options));
  // Around a change of streams it may have been either of two; it must be neither's to be accused.
  return verdicts.find(({ cause }) => cause !== 'unexplained') ?? verdicts[0];
}

/**
 * Says what is wrong where a write is there that cannot have been on the promoted replica. It is what keeps the excuse
 * honest: a server that claimed too small an offset at promotion would be excused from everything.
 */
export function doubtPresence(
  write: Write,
  { finalStream }: ShardFacts,
  { lineage }: Pick<OracleOptions, 'lineage'>,
): string | null {
  if (write.port === null || write.offset === null) return null;
  const tenures = lineage.tenuresAt(write.port, write.answeredMs);
  if (tenures.length !== 1) return null;
  const [{ stream }] = tenures;
  const sharedUntil = lineage.sharedUntil(stream, finalStream);
  if (sharedUntil === null) return `the data at the end does not come from stream ${stream}`;
  if (write.offset <= sharedUntil) return null;
  return `its offset ${write.offset} of stream ${stream} was not on the promoted replica: ${sharedUntil}`;
}

function explainBy(
  write: Write,
  tenure: Tenure,
  { finalStream }: ShardFacts,
  { lineage, isolations, minorityWindowMs }: OracleOptions,
): Verdict {
  const sharedUntil = lineage.sharedUntil(tenure.stream, finalStream);
  if (sharedUntil === null) {
    return unexplained(`the data at the end does not come from stream ${tenure.stream}`);
  }
  const offset = write.offset ?? offsetBoundAfter(tenure, write.answeredMs);
  if (offset <= sharedUntil) {
    const until = sharedUntil === Number.POSITIVE_INFINITY ? 'has never changed' : sharedUntil;
    return unexplained(
      `its offset ${offset} of stream ${tenure.stream} was on the promoted replica: ${until}`,
    );
  }
  const isolation = isolations.find(
    ({ port, fromMs, toMs }) =>
      port === tenure.port && fromMs < write.answeredMs && write.sentMs < toMs,
  );
  if (isolation === undefined) return { cause: 'async' };
  const lateMs = write.answeredMs - isolation.fromMs;
  if (lateMs <= minorityWindowMs) return { cause: 'minority' };
  return unexplained(`it was acknowledged ${lateMs.toFixed(0)} ms after the node was isolated`);
}

function unexplained(reason: string): Verdict {
  return { cause: 'unexplained', reason };
}
