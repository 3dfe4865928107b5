import { expect, it } from 'vitest';
import { placeOf } from '../src/world/identity.ts';

it('each node has an address of its own, and one that a host can have', () => {
  const hosts = Array.from({ length: 70_000 }, (_, n) => placeOf(n).host);
  expect(new Set(hosts).size).toBe(hosts.length);
  const isHost = (host: string): boolean => {
    const [ten, high, low, last] = host.split('.').map(Number);
    return ten === 10 && high < 256 && low < 256 && last > 0 && last < 255;
  };
  expect(hosts.filter((host) => !isHost(host))).toEqual([]);
});
