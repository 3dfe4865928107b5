export { Config } from './config/config.ts';
export { ConfigFileError, ConfigReadError, loadConfigText } from './config/load.ts';
export { Node, type NodeOptions } from './node.ts';
export { NodeStartError } from './process/errors.ts';
