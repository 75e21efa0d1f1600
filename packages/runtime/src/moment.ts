import { z } from 'zod';

/** A variable that is an RFC 3339 date, or time; read as ms since the epoch. */
export const moment = () =>
  z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date like 2027-01-31')
    .transform((text) => Date.parse(text))
    .meta({ type: 'date' });
