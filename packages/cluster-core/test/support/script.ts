// Text scripts: a command, a line of dashes, and what the nodes then said and show. Nodes are
// called by their number in place of their ids. Times are left out, so that a script tells what
// happens and not when.

import { SlotSet } from '@slotmesh/crc16-slots';
import type { FailoverMode, OperatorCommand } from '../../src/index.ts';
import { converge, settledCluster } from './convergence.ts';
import { SimCluster } from './sim-cluster.ts';
import type { SimNode } from './sim-node.ts';

/** Runs a script and gives it back with the expectations that this run would meet. */
export function runScript(script: string): string {
  const runner = new Runner();
  const blocks = script.trim().split(/\n\n+/);
  const results = blocks.map((block) => {
    const lines = block.split('\n');
    const dashes = lines.indexOf('----');
    const commands = dashes === -1 ? lines : lines.slice(0, dashes);
    const words = commands.filter((line) => !line.startsWith('#'));
    if (words.length === 0) return block;
    const output = words.flatMap((line) => runner.run(line));
    return [...commands, '----', ...output].join('\n');
  });
  return `${results.join('\n\n')}\n`;
}

class Runner {
  #sim = new SimCluster(0);
  #seen: number[] = [];
  readonly #ids = new Map<string, number>();

  run(line: string): string[] {
    const [name, ...args] = line.split(/\s+/);
    const output = this.#command(name, args);
    for (const node of this.#sim.nodes) this.#ids.set(node.id, node.index);
    return [...output, ...this.#news()];
  }

  #command(name: string, args: readonly string[]): string[] {
    const sim = this.#sim;
    const node = sim.nodes[Number(args[0])];
    switch (name) {
      case 'cluster':
        return this.#create(Number(args[0]), Number(args[1] ?? args[0]));
      case 'alone':
        this.#start(Number(args[0]));
        return [];
      case 'run':
        sim.run(Number(args[0]));
        return [];
      case 'agree':
        converge(sim);
        return [];
      case 'kill':
        node.kill();
        return [];
      case 'restart':
        node.restart();
        return [];
      case 'partition':
        sim.partition(...groups(sim, args));
        return [];
      case 'heal':
        sim.heal();
        return [];
      case 'show':
        return sim.upNodes.map((one) => this.#show(one));
      default:
        return [node.execute(this.#order(name, args.slice(1))).text].map((text) =>
          this.#named(text),
        );
    }
  }

  #start(size: number): SimCluster {
    this.#sim = new SimCluster(size);
    this.#seen = this.#sim.nodes.map(() => 0);
    return this.#sim;
  }

  #create(size: number, primaries: number): string[] {
    const sim = this.#start(size);
    settledCluster(sim, sim.nodes.slice(0, primaries));
    this.#seen = sim.nodes.map((node) => node.notices.length);
    return [];
  }

  #order(name: string, args: readonly string[]): OperatorCommand {
    const other = this.#sim.nodes[Number(args[0])];
    switch (name) {
      case 'meet': {
        const { host, port } = other;
        return { kind: 'meet', host, port, busPort: port + 10000 };
      }
      case 'forget':
        return { kind: 'forget', id: other?.id ?? args[0] };
      case 'addslots':
        return { kind: 'addSlots', slots: [...SlotSet.parse(args.join(' '))] };
      case 'delslots':
        return { kind: 'delSlots', slots: [...SlotSet.parse(args.join(' '))] };
      case 'epoch':
        return { kind: 'setConfigEpoch', epoch: Number(args[0]) };
      case 'bump':
        return { kind: 'bumpEpoch' };
      case 'replicate':
        return { kind: 'replicate', id: other?.id ?? args[0] };
      case 'failover':
        return { kind: 'failover', mode: (args[0] as FailoverMode | undefined) ?? 'graceful' };
      case 'reset':
        return { kind: 'reset', hard: args[0] === 'hard' };
      default:
        throw new Error(`a script does not know the command '${name}'`);
    }
  }

  /** Node, config epoch, state and slots, and those that it suspects. */
  #show(node: SimNode): string {
    const { topology } = node;
    const suspects = [...topology.nodes()].flatMap((index) => {
      if (!topology.isPfail(index) && !topology.isFail(index)) return [];
      const health = topology.isFail(index) ? 'fail' : 'pfail';
      return [`${health}=${this.#ids.get(topology.idOf(index))}`];
    });
    const own = topology.slotsOf(topology.self).toString() || 'none';
    const epoch = topology.configEpochOf(topology.self);
    const role = node.isPrimary ? [] : [`replica of ${node.primary?.index}`];
    const parts = [
      ...role,
      ...[`epoch=${epoch}`, `knows=${topology.size}`, `slots=${own}`, node.state],
    ];
    return `${node.index}: ${[...parts, ...suspects].join(' ')}`;
  }

  /**
   * What the nodes have said since the last command, node by node; the single reports of failures
   * are left out.
   */
  #news(): string[] {
    return this.#sim.nodes.flatMap((node) => {
      const all = node.notices.slice(this.#seen[node.index]);
      const fresh = all.filter((notice) => !notice.kind.startsWith('failureReport'));
      this.#seen[node.index] = node.notices.length;
      return fresh.map((notice) => {
        const { kind, ...fields } = notice;
        const texts = Object.entries(fields).map(([key, value]) => `${key}=${this.#value(value)}`);
        return `${node.index}! ${[kind, ...texts].join(' ')}`;
      });
    });
  }

  #value(value: unknown): string {
    if (Array.isArray(value)) return SlotSet.from(value as number[]).toString();
    if (typeof value !== 'object' || value === null) return this.#named(String(value));
    const { host, port } = value as { host: string; port: number };
    return `${host}:${port}`;
  }

  #named(text: string): string {
    return text.replaceAll(/[0-9a-f]{40}/g, (id) => String(this.#ids.get(id) ?? id));
  }
}

function groups(sim: SimCluster, args: readonly string[]): SimNode[][] {
  return args
    .join(' ')
    .split('|')
    .map((group) => {
      const numbers = group.trim().split(/\s+/);
      return numbers.map((number) => sim.nodes[Number(number)]);
    });
}
