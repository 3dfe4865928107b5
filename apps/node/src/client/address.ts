/** `host:port`, IPv6 in brackets; an IPv4 client of an IPv6 socket is shown as the IPv4 client that it is. */
export function addressText(host: string, port: number): string {
  const plain = plainAddress(host);
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** The host of `host:port`, without brackets. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

/** Without the prefix of an IPv4 address that came over an IPv6 socket. */
export function plainAddress(host: string): string {
  return host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host;
}

/** From this machine. */
export function isLoopback(host: string): boolean {
  const plain = plainAddress(host);
  return plain.startsWith('127.') || plain === '::1';
}
