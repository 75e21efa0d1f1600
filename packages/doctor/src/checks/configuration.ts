import type { Check } from '../check.ts';

/** What `npm start` makes up when it is not set; a process started alone requires it. */
const MADE_UP = ['OPS_CONSOLE_PASSWORD', 'OPS_CONSOLE_TOKEN'];

export const configuration: Check = {
  name: 'configuration',
  about:
    'every variable that Graph, the mailboxes, notifications, Redis and MS4 need is set and well formed',
  async run({ settings }) {
    const { problems } = settings;
    if (problems.length > 0) {
      return {
        status: 'fail',
        seen: `${problems.length} ${problems.length === 1 ? 'variable is' : 'variables are'} missing or malformed`,
        remedy:
          'set what is named, in the environment or in .env; docs/configuration.md explains each',
        details: problems,
      };
    }
    const missing = MADE_UP.filter((variable) => !settings.isSet(variable));
    if (missing.length > 0) {
      return {
        status: 'warn',
        seen: `${missing.join(' and ')} not set`,
        remedy: 'set them for an ops-console that is started alone; npm start generates them',
      };
    }
    return { status: 'ok', seen: 'everything that is required is set and well formed' };
  },
};
