export { Config } from './config/config.ts';
