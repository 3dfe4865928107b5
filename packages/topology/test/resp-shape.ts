// Just enough RESP to hold replies of a real server against ours, told apart by type: text is a bulk string, a number an
// integer, null the null of either protocol, and maps are flat arrays in RESP2.

import { connect } from 'node:net';

export type Shape =
  | string
  | number
  | null
  | readonly Shape[]
  | { readonly pairs: readonly Shape[] };

export function encode(shape: Shape, protocol: 2 | 3): string {
  if (shape === null) return protocol === 2 ? '$-1\r\n' : '_\r\n';
  if (typeof shape === 'number') return `:${shape}\r\n`;
  if (typeof shape === 'string') return `$${shape.length}\r\n${shape}\r\n`;
  const isMap = 'pairs' in shape;
  const items: readonly Shape[] = isMap ? shape.pairs : shape;
  const head = isMap && protocol === 3 ? `%${items.length / 2}` : `*${items.length}`;
  return `${head}\r\n${items.map((item) => encode(item, protocol)).join('')}`;
}

/** The value that a whole reply holds. Verbatim text loses its format. */
export function decode(reply: string): Shape {
  let at = 0;
  const line = (): string => {
    const end = reply.indexOf('\r\n', at);
    const text = reply.slice(at, end);
    at = end + 2;
    return text;
  };
  const value = (): Shape => {
    const head = line();
    const count = Number(head.slice(1));
    const items = (length: number): Shape[] => Array.from({ length }, value);
    switch (head[0]) {
      case '_':
        return null;
      case ':':
        return count;
      case '+':
        return head.slice(1);
      case '*':
        return items(count);
      case '%':
        return { pairs: items(2 * count) };
      case '$':
        if (count === -1) return null;
        at += count + 2;
        return reply.slice(at - count - 2, at - 2);
      case '=':
        at += count + 2;
        return reply.slice(at - count + 2, at - 2);
      default:
        throw new Error(`unexpected reply: ${head}`);
    }
  };
  const shape = value();
  if (at !== reply.length) throw new Error(`the reply goes on after its end: ${reply.slice(at)}`);
  return shape;
}

/** The raw bytes of a server's reply, as latin1 text. */
export async function ask(port: number, protocol: 2 | 3, ...args: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let text = '';
  try {
    // QUIT is answered after all that came before, and ends the connection.
    const commands = [['HELLO', String(protocol)], args, ['QUIT']];
    socket.write(commands.map((command) => encode(command, 2)).join(''));
    for await (const chunk of socket) text += chunk;
  } finally {
    socket.destroy();
  }
  const afterHello = text.indexOf(`modules\r\n*0\r\n`) + `modules\r\n*0\r\n`.length;
  return text.slice(afterHello, -'+OK\r\n'.length);
}
