// IP addresses as text, in the one form in which servers write them (inet_ntop's), so that equal
// addresses are equal texts.

/**
 * The canonical form of an IPv4 or IPv6 address, or null where the text is not one (names are not
 * looked up).
 */
export function normalizeIp(text: string): string | null {
  if (!text.includes(':')) return parseIpv4(text) === null ? null : text;
  const groups = parseIpv6(text);
  return groups === null ? null : formatIpv6(groups);
}

/**
 * The host of a connection without the prefix that sockets for both families put before IPv4
 * addresses.
 */
export function plainHost(host: string): string {
  const mapped = '::ffff:';
  if (!host.startsWith(mapped)) return host;
  const rest = host.slice(mapped.length);
  return parseIpv4(rest) === null ? host : rest;
}

/** Four decimal numbers without leading zeros, as inet_pton wants them. */
function parseIpv4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    bytes.push(Number(part));
  }
  return bytes;
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (let i = 0; i < parts.length; i++) {
    if (parts[i].includes('.')) {
      const bytes = parseIpv4(parts[i]);
      if (!mayEndInIpv4 || i !== parts.length - 1 || bytes === null) return null;
      groups.push(bytes[0] * 256 + bytes[1], bytes[2] * 256 + bytes[3]);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(parts[i])) return null;
      groups.push(Number.parseInt(parts[i], 16));
    }
  }
  return groups;
}

/**
 * The longest run of two or more zero groups is left out; an IPv4 address in the last 32 bits is
 * written as one.
 */
function formatIpv6(groups: readonly number[]): string {
  const { start, length } = longestZeroRun(groups);
  const embedsIpv4 = start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff));
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (embedsIpv4) {
    const quad = [groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255].join('.');
    return length === 6 ? `::${quad}` : `::ffff:${quad}`;
  }
  return length < 2 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > best.length) best = { start: i, length: end - i };
    if (end > i) i = end;
  }
  return best;
}
