import { type Command, EXIT } from '../command.ts';

interface Fleet {
  processes: {
    app: string;
    version: string;
    host: string;
    pid: number;
    startedAt: string;
    ready: boolean;
    unready: string[];
  }[];
  missing: string[];
}

interface Tenant {
  tenantId: string;
  mailboxes: { active: number; paused: number; removed: number };
}

export const fleetCommands: Record<string, Command> = {
  fleet: {
    about: 'which processes are alive; ends with 1 when one is missing or not ready',
    async run({ api, terminal }) {
      const fleet = await api.get<Fleet>('/fleet');
      const { processes, missing } = fleet;
      terminal.result(fleet, () => {
        terminal.table(
          processes.map(({ app, version, host, pid, startedAt, ready, unready }) => ({
            app,
            ready: ready ? 'yes' : `no: ${unready.join(', ')}`,
            version,
            host,
            pid: String(pid),
            started: startedAt,
          })),
          'No process says that it is alive.',
        );
        if (missing.length > 0) terminal.line(`\nmissing: ${missing.join(', ')}`, 'red');
      });
      return missing.length === 0 && processes.every(({ ready }) => ready) ? EXIT.ok : EXIT.no;
    },
  },
  'tenants list': {
    about: 'tenants, with how many mailboxes of each are in which state',
    async run({ api, terminal }) {
      const tenants = await api.get<Tenant[]>('/tenants');
      terminal.result(tenants, () =>
        terminal.table(
          tenants.map(({ tenantId, mailboxes }) => ({ tenant: tenantId, ...mailboxes })),
          'There is no tenant.',
        ),
      );
      return EXIT.ok;
    },
  },
};
