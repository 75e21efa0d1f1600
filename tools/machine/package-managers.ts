/** How a system installs programs. */
export interface PackageManager {
  /** found on PATH: this is the system's package manager */
  program: string;
  needsRoot: boolean;
  /** brings its package list up to date */
  refresh?: readonly string[];
  /** asks no question, removes nothing; the package's name follows */
  install: readonly string[];
  /** what to type when it cannot be done here; the package's name follows */
  byHand: string;
  redis: string;
  chromium?: string;
  prometheus?: string;
}

export const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    program: 'apt-get',
    needsRoot: true,
    refresh: ['apt-get', 'update', '-qq'],
    install: ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', '--no-remove'],
    byHand: 'apt-get install',
    // On Debian and Ubuntu the server is in redis-tools, as redis-check-rdb: the same program, which
    // goes by the name it is called with. The package redis-server only adds a service that starts
    // by itself on port 6379, and nobody asked for that.
    redis: 'redis-tools',
    chromium: 'chromium',
    prometheus: 'prometheus',
  },
  {
    program: 'dnf',
    needsRoot: true,
    install: ['dnf', 'install', '-y', '-q'],
    byHand: 'dnf install',
    redis: 'valkey',
    chromium: 'chromium',
    prometheus: 'golang-github-prometheus',
  },
  {
    program: 'apk',
    needsRoot: true,
    install: ['apk', 'add', '--no-cache', '--quiet'],
    byHand: 'apk add',
    redis: 'redis',
    chromium: 'chromium',
    prometheus: 'prometheus',
  },
  {
    program: 'pacman',
    needsRoot: true,
    install: ['pacman', '-S', '--noconfirm', '--needed'],
    byHand: 'pacman -S',
    redis: 'valkey',
    chromium: 'chromium',
    prometheus: 'prometheus',
  },
  {
    program: 'zypper',
    needsRoot: true,
    install: ['zypper', '--non-interactive', '--quiet', 'install'],
    byHand: 'zypper install',
    redis: 'redis',
  },
  {
    program: 'brew',
    needsRoot: false,
    install: ['brew', 'install', '--quiet'],
    byHand: 'brew install',
    redis: 'redis',
    prometheus: 'prometheus',
  },
];
