import { type Command, EXIT } from '../command.ts';
import { CSV, printCsv } from '../print-csv.ts';

export const subscriptionCommands: Record<string, Command> = {
  'subscriptions list': {
    about: 'subscriptions at Graph with their expiry, the next to expire first',
    options: CSV,
    async run(context) {
      const { api, terminal } = context;
      const subscriptions = await api.call('GET /subscriptions');
      if (context.flag('csv')) {
        await printCsv(context, 'GET /subscriptions', [subscriptions]);
        return EXIT.ok;
      }
      terminal.result(subscriptions, () =>
        terminal.table(
          subscriptions.map(({ mailboxId, folderId, expiresAt, subscriptionId }) => ({
            expires: expiresAt,
            mailbox: mailboxId,
            folder: folderId,
            subscription: subscriptionId,
          })),
          'There is no subscription: mail is found by polling alone.',
        ),
      );
      return EXIT.ok;
    },
  },
  'subscriptions renew': {
    about: 'creates, renews and repairs every subscription now',
    async run({ api, terminal }) {
      const asked = await api.call('POST /subscriptions/renew');
      terminal.result(asked, () =>
        terminal.line(
          'Asked: a poller does it next. ms1 subscriptions list shows the new expiries.',
        ),
      );
      return EXIT.ok;
    },
  },
};
