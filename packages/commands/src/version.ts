/** The Redis whose commands and replies this server is compatible with, as INFO and HELLO tell clients. */
export const REDIS_VERSION = '7.2.4';
