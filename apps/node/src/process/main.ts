// The program `slotmesh-node`: reads the command line and the configuration, starts one node, and ends as redis-server
// does. One process from begin to end: the one that was started.

import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandLine, parseCommandLine } from '../config/command-line.ts';
import { Config } from '../config/config.ts';
import {
  ConfigFileError,
  ConfigReadError,
  checkWhole,
  loadConfigText,
  readConfigFile,
} from '../config/load.ts';
import { systemText } from '../config/system-text.ts';
import { Logger, type LogLevel, logWriter } from '../log/logger.ts';
import { Node } from '../node.ts';
import { NodeStartError } from './errors.ts';
import { endWithParent, reportToParent } from './parent.ts';
import { shutdownRequest } from './shutdown.ts';
import { REDIS_VERSION, VERSION } from './version.ts';

const USAGE = `Usage: slotmesh-node [/path/to/redis.conf] [--directive value]... [-]
       slotmesh-node -             (reads the configuration from standard input)
       slotmesh-node -v or --version
       slotmesh-node -h or --help

Examples:
       slotmesh-node --port 7000 --cluster-enabled yes
       slotmesh-node /etc/redis/redis.conf --loglevel verbose
       echo 'port 7000' | slotmesh-node -
`;

type Signal = 'SIGTERM' | 'SIGINT';
type Start = Extract<CommandLine, { readonly kind: 'start' }>;

/** Runs the program; `args` are those after its name. It ends the process itself where it cannot start. */
export async function main(args: readonly string[]): Promise<void> {
  // Whoever reads our output may go away; that is no reason to end.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const commandLine = parseCommandLine(args, process.cwd());
  switch (commandLine.kind) {
    case 'version':
      process.stdout.write(
        `slotmesh server v=${VERSION} redis=${REDIS_VERSION} node=${process.version}\n`,
      );
      return;
    case 'help':
      process.stderr.write(USAGE);
      process.exitCode = 1;
      return;
    case 'testMemory':
      process.stderr.write(
        '--test-memory is not supported: use a memory tester such as memtest86.\n',
      );
      process.exitCode = 1;
      return;
    default:
      await start(commandLine);
  }
}

async function start(commandLine: Start): Promise<void> {
  const config = loadConfig(commandLine);
  const write = logWriter(logPath(config));
  const log = processLog(write, () => config.text('loglevel') as LogLevel);
  log.warning(`slotmesh is starting, pid=${process.pid}`);
  log.warning(
    `slotmesh version=${VERSION}, Redis ${REDIS_VERSION}, node ${process.version}, just started`,
  );
  if (commandLine.configFile === '' && commandLine.options === '' && !commandLine.readsStdin) {
    log.warning('Warning: no config file specified, using the default config.');
  } else {
    log.warning('Configuration loaded');
  }
  catchBugs(log);
  try {
    const node = await Node.start({
      config,
      configFile: commandLine.configFile,
      writeLog: write,
      showsLogo: showsLogo(config),
      onListening: listenToSignals(write),
      onEnd: (error) => process.exit(error === null ? 0 : 1),
    });
    endWithParent(() => endOrderly(node, 'SIGTERM'));
    await reportToParent({ kind: 'ready' });
  } catch (error) {
    if (!(error instanceof NodeStartError)) throw error;
    log.warning(error.message);
    await reportToParent({ kind: 'failed', reason: error.message });
    process.exit(1);
  }
}

/** The configuration, or the end of the process with redis-server's words about what is wrong with it. */
function loadConfig({ configFile, readsStdin, options }: Start): Config {
  const config = new Config();
  try {
    let text = configFile === '' ? '' : readConfigFile(configFile);
    if (readsStdin) text += readFileSync(0, 'utf8');
    if (options !== '') text += `\n${options}`;
    loadConfigText(config, text);
    checkWhole(config);
    checkLogFile(config);
    return config;
  } catch (error) {
    if (error instanceof ConfigReadError) {
      processLog(logWriter(''), () => 'notice').warning(`Fatal error, ${error.message}`);
    } else if (error instanceof ConfigFileError) {
      const where =
        error.lineNumber === 0
          ? ''
          : `Reading the configuration file, at line ${error.lineNumber}\n>>> '${error.line}'\n`;
      process.stderr.write(
        `\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\n${where}${error.message}\n`,
      );
    } else {
      throw error;
    }
    process.exit(1);
  }
}

function logPath(config: Config): string {
  const path = config.text('logfile');
  return path === '' ? '' : resolve(config.text('dir'), path);
}

function checkLogFile(config: Config): void {
  const path = logPath(config);
  if (path === '') return;
  try {
    closeSync(openSync(path, 'a'));
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new ConfigFileError(0, '', `Can't open the log file: ${systemText(error)}`);
  }
}

/** The log of the process around its node: before the node is there, and for what is nobody's. */
function processLog(write: (line: string) => void, level: () => LogLevel): Logger {
  return new Logger({ write, level, role: () => 'C', processId: process.pid });
}

function showsLogo(config: Config): boolean {
  const onTerminal = config.text('logfile') === '' && process.stdout.isTTY === true;
  return config.isOn('always-show-logo') || (onTerminal && !config.isOn('syslog-enabled'));
}

/** A bug ends the process at once: after it nothing that the node holds in memory can be trusted. */
function catchBugs(log: Logger): void {
  process.on('uncaughtException', (error) => {
    const report = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.warning('=== SLOTMESH BUG REPORT: the node ends ===');
    for (const line of report.split('\n')) log.warning(line);
    process.exit(1);
  });
}

/** Ends the node on SIGTERM and SIGINT; gives the function that hands the node over once it is there. */
function listenToSignals(write: (line: string) => void): (node: Node) => void {
  let asked = 0;
  let running: Node | null = null;
  let asking: Signal = 'SIGTERM';
  const onSignal = (signal: Signal) => {
    const seconds = Math.floor(Date.now() / 1000);
    asked++;
    asking = signal;
    // A second Ctrl-C is from somebody who does not want to wait.
    if (signal === 'SIGINT' && asked > 1) {
      write(`${process.pid}:signal-handler (${seconds}) You insist... exiting now.\n`);
      process.exit(1);
    }
    write(`${process.pid}:signal-handler (${seconds}) Received ${signal} scheduling shutdown...\n`);
    if (running !== null) endOrderly(running, signal);
  };
  process.on('SIGTERM', () => onSignal('SIGTERM'));
  process.on('SIGINT', () => onSignal('SIGINT'));
  process.on('SIGHUP', () => undefined);
  return (node) => {
    running = node;
    if (asked > 0) endOrderly(node, asking);
  };
}

function endOrderly(node: Node, signal: Signal): void {
  const request = shutdownRequest(node.config.words(`shutdown-on-${signal.toLowerCase()}`));
  node.stop(request).then(
    (hasEnded) => {
      if (hasEnded) process.exit(0);
      node.log.warning(
        `${signal} received but errors trying to shut down the server, check the logs for more information`,
      );
    },
    (error: unknown) => {
      node.log.warning(`Errors trying to shut down the server: ${systemText(error)}`);
      process.exit(1);
    },
  );
}
