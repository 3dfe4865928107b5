// What the log begins with on a terminal, or where `always-show-logo` asks for it. Test tools look for ` PID: ` in it.

export interface BannerFacts {
  readonly version: string;
  readonly redisVersion: string;
  readonly mode: 'cluster' | 'standalone';
  readonly port: number;
  readonly processId: number;
}

/** Six lines of a mesh with the facts beside it. */
export function banner(facts: BannerFacts): string {
  const beside = [
    '',
    `slotmesh ${facts.version}, speaks Redis ${facts.redisVersion}`,
    `Running in ${facts.mode} mode`,
    `Port: ${facts.port}`,
    `PID: ${facts.processId}`,
    '',
  ];
  const mesh = [
    '    o-----o-----o  ',
    '   / \\   / \\   / \\ ',
    '  o---o-o---o-o---o',
    '   \\ / \\ / \\ / \\ / ',
    '    o---o-o---o-o  ',
    '     \\ /   \\ /     ',
  ];
  const lines = mesh.map((line, i) => `${line}     ${beside[i]}`.trimEnd());
  return `\n${lines.join('\n')}\n\n`;
}
