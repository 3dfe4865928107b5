import { type LinkId, NO_NODE, type NodeIndex } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { isInbound, LinkTable } from '../src/link-table.ts';

describe('the link table', () => {
  it('numbers outbound links evenly, and never twice', () => {
    const table = new LinkTable();
    const first = table.addOutbound(1 as NodeIndex, 5);
    table.remove(first);
    const second = table.addOutbound(1 as NodeIndex, 6);
    expect([first, second]).toEqual([2, 4]);
    expect(isInbound(first)).toBe(false);
    expect(isInbound(7 as LinkId)).toBe(true);
  });

  it('keeps the fields of each link apart, also where rows are used again', () => {
    const table = new LinkTable();
    const links: LinkId[] = [];
    for (let i = 0; i < 100; i++) {
      const link = table.addOutbound(i as NodeIndex, i);
      table.setUp(link, `r${i}`, `l${i}`);
      table.setPingSent(link, i * 10);
      links.push(link);
    }
    for (let i = 0; i < 100; i += 2) table.remove(links[i]);
    for (let i = 0; i < 50; i++) table.addInbound((2 * i + 1) as LinkId, 1000 + i);
    expect(table.size).toBe(100);
    for (let i = 1; i < 100; i += 2) {
      const link = links[i];
      expect(table.nodeOf(link)).toBe(i);
      expect(table.createdMs(link)).toBe(i);
      expect(table.pingSentMs(link)).toBe(i * 10);
      expect([table.remoteHost(link), table.localHost(link)]).toEqual([`r${i}`, `l${i}`]);
    }
    for (let i = 0; i < 50; i++) {
      const link = (2 * i + 1) as LinkId;
      expect(table.nodeOf(link)).toBe(NO_NODE);
      expect(table.isUp(link)).toBe(false);
      expect(table.pingSentMs(link)).toBe(0);
      expect(table.createdMs(link)).toBe(1000 + i);
    }
    expect(table.has(links[0])).toBe(false);
    expect(table.nodeOf(links[0])).toBe(NO_NODE);
    expect(table.isUp(links[0])).toBe(false);
  });
});
