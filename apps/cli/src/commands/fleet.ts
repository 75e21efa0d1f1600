import { type Command, EXIT } from '../command.ts';
import { CSV, printCsv } from '../print-csv.ts';

export const fleetCommands: Record<string, Command> = {
  fleet: {
    about: 'which processes are alive; exits with 1 when one is missing or not ready',
    options: CSV,
    async run(context) {
      const { api, terminal } = context;
      const fleet = await api.call('GET /fleet');
      const { processes, missing } = fleet;
      const isWell = missing.length === 0 && processes.every(({ ready }) => ready);
      if (context.flag('csv')) {
        await printCsv(context, 'GET /fleet', [fleet]);
        return isWell ? EXIT.ok : EXIT.no;
      }
      terminal.result(fleet, () => {
        terminal.table(
          processes.map(({ app, version, host, pid, startedAt, ready, unready, lastError }) => ({
            app,
            ready: ready ? 'yes' : `no: ${unready.join(', ')}`,
            version,
            host,
            pid: String(pid),
            started: startedAt,
            'last error': lastError && `${lastError.code} at ${lastError.at}`,
          })),
          'No process reports that it is alive.',
        );
        if (missing.length > 0) terminal.line(`\nmissing: ${missing.join(', ')}`, 'red');
      });
      return isWell ? EXIT.ok : EXIT.no;
    },
  },
  'tenants list': {
    about: 'tenants, with their mailboxes counted by state',
    async run({ api, terminal }) {
      const tenants = await api.call('GET /tenants');
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
