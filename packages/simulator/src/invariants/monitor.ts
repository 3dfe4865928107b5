// Hot path: asks the invariants, each what it wants to be asked. Full scans look at tables that have
// changed, and at each of them once in a while.

import type { SimNode, World, WorldEvents } from '../world/contract.ts';
import { type Checks, type Invariant, SCAN_EVERY_MS, type Verdict } from './invariant.ts';

/** Something that must hold does not. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  readonly code = 'INVARIANT';
  /** 'A1', 'L1'... */
  readonly invariant: string;
  /** The node whose fault it is; -1 = not one alone. */
  readonly node: number;

  constructor(invariant: string, node: number, message: string) {
    super(message);
    this.invariant = invariant;
    this.node = node;
  }
}

type Check<K extends keyof Checks> = {
  readonly id: string;
  readonly ask: NonNullable<Checks[K]>;
};

/** The events of a world that are passed on as they are. */
type Told = Exclude<keyof WorldEvents, 'settled'>;
type Handler<K extends Told> = NonNullable<WorldEvents[K]>;
type Ask = (node: SimNode, first: unknown, second: unknown, third: unknown) => Verdict;

/** When a table was scanned last. */
interface Scan {
  topology: object | null;
  revision: number;
  atMs: number;
}

/** Scans of everything that a node keeps, beside its table: more rarely, for they take long. */
const FULL_SCAN_EVERY = 64;

export class Monitor implements WorldEvents {
  readonly #world: World;
  readonly #checks: readonly { readonly id: string; readonly checks: Checks }[];
  readonly #settled: readonly Check<'settled'>[];
  readonly #tableChanged: readonly Check<'tableChanged'>[];
  readonly #scans: Scan[] = [];
  #scanCount = 0;
  readonly sending: Handler<'sending'>;
  readonly receiving: Handler<'receiving'>;
  readonly ticking: Handler<'ticking'>;
  readonly noticed: Handler<'noticed'>;
  readonly executed: Handler<'executed'>;
  readonly served: Handler<'served'>;
  readonly published: Handler<'published'>;
  readonly delivered: Handler<'delivered'>;
  readonly replicationNoticed: Handler<'replicationNoticed'>;
  readonly wrote: Handler<'wrote'>;
  readonly applied: Handler<'applied'>;
  readonly streamReceived: Handler<'streamReceived'>;
  readonly dataReplaced: Handler<'dataReplaced'>;
  readonly deleting: Handler<'deleting'>;
  readonly read: Handler<'read'>;
  readonly acknowledged: Handler<'acknowledged'>;
  readonly waited: Handler<'waited'>;
  readonly started: Handler<'started'>;
  readonly stopped: Handler<'stopped'>;

  constructor(world: World, invariants: readonly Invariant[]) {
    this.#world = world;
    const { beyond } = world.options;
    const those = invariants.filter(({ assumes }) => {
      return assumes === undefined || !assumes.some((one) => beyond.includes(one));
    });
    this.#checks = those.map((one) => ({ id: one.id, checks: one.watch(world) }));
    this.#settled = this.#those('settled');
    this.#tableChanged = this.#those('tableChanged');
    this.sending = this.#asking('sending');
    this.receiving = this.#asking('receiving');
    this.ticking = this.#asking('ticking');
    this.noticed = this.#asking('noticed');
    this.executed = this.#asking('executed');
    this.served = this.#asking('served');
    this.published = this.#asking('published');
    this.delivered = this.#asking('delivered');
    this.replicationNoticed = this.#asking('replicationNoticed');
    this.wrote = this.#asking('wrote');
    this.applied = this.#asking('applied');
    this.streamReceived = this.#asking('streamReceived');
    this.dataReplaced = this.#asking('dataReplaced');
    this.deleting = this.#asking('deleting');
    this.read = this.#asking('read');
    this.acknowledged = this.#asking('acknowledged');
    this.waited = this.#asking('waited');
    this.started = this.#asking('started');
    this.stopped = this.#asking('stopped');
  }

  settled(node: SimNode): void {
    for (const { id, ask } of this.#settled) judge(id, node, ask(node));
    const scan = this.#scanOf(node);
    const { topology } = node;
    if (scan.revision === topology.revision && scan.topology === topology) return;
    if (this.#world.nowMs - scan.atMs < SCAN_EVERY_MS) return;
    this.#scanTable(node, scan);
  }

  /** Everything, of every node. */
  scanAll(): void {
    for (const node of this.#world.upNodes()) {
      this.#scanTable(node, this.#scanOf(node));
      node.core.invariants();
    }
  }

  atRest(): void {
    this.scanAll();
    for (const { id, checks } of this.#checks) {
      const verdict = checks.atRest?.() ?? null;
      if (verdict !== null) throw new InvariantError(id, -1, verdict);
    }
  }

  #scanTable(node: SimNode, scan: Scan): void {
    scan.topology = node.topology;
    scan.revision = node.topology.revision;
    scan.atMs = this.#world.nowMs;
    for (const { id, ask } of this.#tableChanged) judge(id, node, ask(node));
    if (this.#scanCount++ % FULL_SCAN_EVERY === 0) node.core.invariants();
  }

  #scanOf(node: SimNode): Scan {
    const known = this.#scans[node.index];
    if (known !== undefined) return known;
    const scan: Scan = { topology: null, revision: -1, atMs: Number.NEGATIVE_INFINITY };
    this.#scans[node.index] = scan;
    return scan;
  }

  /** What is told of one kind of event goes to all that want to be asked about it. */
  #asking<K extends Told>(kind: K): Handler<K> {
    const those = this.#those(kind) as readonly { readonly id: string; readonly ask: Ask }[];
    const tell = (node: SimNode, first: unknown, second: unknown, third: unknown): void => {
      for (const { id, ask } of those) judge(id, node, ask(node, first, second, third));
    };
    return tell as Handler<K>;
  }

  #those<K extends keyof Checks>(kind: K): Check<K>[] {
    return this.#checks.flatMap(({ id, checks }) => {
      const ask = checks[kind];
      return ask === undefined ? [] : [{ id, ask: ask.bind(checks) as Check<K>['ask'] }];
    });
  }
}

function judge(id: string, node: SimNode, verdict: Verdict | undefined): void {
  if (verdict === null || verdict === undefined) return;
  throw new InvariantError(id, node.index, `${verdict} (${node.describe()})`);
}
