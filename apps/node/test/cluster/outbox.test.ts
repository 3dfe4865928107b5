import type { ClusterEffect } from '@slotmesh/cluster-core';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/cluster/outbox.ts';

/** An outbox whose saves end when the test says so; what it does is written down. */
function outbox() {
  const done: string[] = [];
  const saves: { resolve(): void; reject(error: Error): void }[] = [];
  const box = new Outbox({
    save: () => new Promise((resolve, reject) => saves.push({ resolve, reject })),
    link: (effect) => done.push(`${effect.kind} ${effect.link}`),
    deliver: () => done.push('deliver'),
    slotsLost: ({ slots }) => done.push(`slotsLost ${slots}`),
    notice: (notice) => done.push(notice.kind),
    role: ({ kind }) => done.push(kind),
    saveFailed: (error) => done.push(`failed: ${(error as Error).message}`),
  });
  return { box, done, saves };
}

const disconnect = (link: number) => ({ kind: 'disconnect', link }) as unknown as ClusterEffect;
const persist = (durable: boolean): ClusterEffect => ({ kind: 'persist', durable });
const notice = { kind: 'notice', notice: { kind: 'stateChanged', state: 'ok' } } as const;
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Outbox', () => {
  it('carries out a batch that saves nothing at once, in order', () => {
    const { box, done, saves } = outbox();
    for (const effect of [disconnect(2), notice, disconnect(1)]) box.push(effect);
    expect(box.flush()).toBeNull();
    expect(done).toEqual(['stateChanged', 'disconnect 2', 'disconnect 1']);
    expect(saves).toHaveLength(0);
    expect(box.flush()).toBeNull();
  });

  it('holds the links of a batch, and of all later ones, until its save is done', async () => {
    const { box, done, saves } = outbox();
    for (const effect of [disconnect(1), persist(true), persist(false), notice]) box.push(effect);
    const saved = box.flush();
    expect(saved).not.toBeNull();
    expect(saves).toHaveLength(1);
    box.push(disconnect(2));
    expect(box.flush()).toBeNull();
    for (const effect of [persist(true), disconnect(3)]) box.push(effect);
    box.flush();
    await turn();
    expect(done).toEqual(['stateChanged']);
    saves[0].resolve();
    await saved;
    await turn();
    expect(done).toEqual(['stateChanged', 'disconnect 1', 'disconnect 2']);
    saves[1].resolve();
    await turn();
    expect(done.at(-1)).toBe('disconnect 3');
    box.push(disconnect(4));
    box.flush();
    expect(done.at(-1)).toBe('disconnect 4');
  });

  it('says that a save failed, and lets nothing out that waited for it', async () => {
    const { box, done, saves } = outbox();
    for (const effect of [persist(true), disconnect(1)]) box.push(effect);
    box.flush()?.catch(() => undefined);
    saves[0].reject(new Error('disk'));
    box.push(disconnect(2));
    box.flush();
    await turn();
    expect(done).toEqual(['failed: disk']);
  });

  it('does nothing any more once it is closed', async () => {
    const { box, done, saves } = outbox();
    for (const effect of [persist(true), disconnect(1)]) box.push(effect);
    box.flush();
    box.close();
    saves[0].resolve();
    await turn();
    expect(done).toEqual([]);
  });
});
