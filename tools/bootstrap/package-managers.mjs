/**
 * How each system installs a Redis server.
 *
 * @typedef {object} PackageManager
 * @property {string} program found on PATH: this is the system's package manager
 * @property {boolean} needsRoot
 * @property {string[]} [refresh] brings its package list up to date
 * @property {string[]} install asks no question
 * @property {string[]} [servers] further names under which that puts a server
 * @property {string} byHand what to type when it cannot be done here
 */

/** @type {PackageManager[]} */
export const PACKAGE_MANAGERS = [
  {
    program: 'apt-get',
    needsRoot: true,
    refresh: ['apt-get', 'update', '-qq'],
    // On Debian and Ubuntu the server is in redis-tools, as redis-check-rdb: the same program, which
    // goes by the name it is called with. The package redis-server only adds a service that starts
    // by itself on port 6379, and nobody asked for that.
    install: ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'redis-tools'],
    servers: ['redis-check-rdb', 'valkey-check-rdb'],
    byHand: 'apt-get install redis-server',
  },
  {
    program: 'dnf',
    needsRoot: true,
    install: ['dnf', 'install', '-y', '-q', 'valkey'],
    byHand: 'dnf install valkey',
  },
  {
    program: 'apk',
    needsRoot: true,
    install: ['apk', 'add', '--no-cache', '--quiet', 'redis'],
    byHand: 'apk add redis',
  },
  {
    program: 'pacman',
    needsRoot: true,
    install: ['pacman', '-S', '--noconfirm', '--needed', 'valkey'],
    byHand: 'pacman -S valkey',
  },
  {
    program: 'zypper',
    needsRoot: true,
    install: ['zypper', '--non-interactive', '--quiet', 'install', 'redis'],
    servers: ['redis-check-rdb'],
    byHand: 'zypper install redis',
  },
  {
    program: 'brew',
    needsRoot: false,
    install: ['brew', 'install', '--quiet', 'redis'],
    byHand: 'brew install redis',
  },
];
