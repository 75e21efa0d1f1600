import type { Config } from '../config.ts';
import type { Access } from './access.ts';
import { apiToken } from './api-tokens.ts';

/** The ways in that are configured. */
export function accessOf(config: Config): Access {
  return {
    cookieSecret: config.OPS_CONSOLE_PASSWORD,
    tokens: [
      apiToken('default', 'admin', config.OPS_CONSOLE_TOKEN),
      ...(config.OPS_CONSOLE_TOKENS ?? []),
    ],
    password: config.OPS_CONSOLE_PASSWORD,
    passwordRole: config.OPS_CONSOLE_PASSWORD_ROLE,
  };
}
