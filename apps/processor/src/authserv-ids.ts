import { UNNAMED } from '@ms1/graph-client';
import { z } from 'zod';

const AUTHSERV_ID = /^[a-z0-9][a-z0-9._:-]*$/;

/** Names of servers, comma-separated, as they are in their headers. */
export const AuthservIds = z
  .string()
  .transform((text, context): string[] => {
    const ids = text
      .toLowerCase()
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== '');
    if (ids.length === 0 || !ids.every((id) => AUTHSERV_ID.test(id))) {
      context.addIssue('must be names of servers (authserv-id), comma-separated, or none');
    }
    return ids;
  })
  .default([UNNAMED]);
