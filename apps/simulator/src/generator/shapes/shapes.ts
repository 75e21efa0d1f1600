import { headerMails } from './header-mails.ts';
import { plainMails } from './plain-mails.ts';
import { publicMails } from './public-mails.ts';
import type { Shapes } from './shape.ts';
import { otherKinds, wrappedMails } from './wrapped-mails.ts';

/** Every shape of mail that can be asked for, by its name. */
export const SHAPES: Shapes = {
  ...plainMails,
  ...wrappedMails,
  ...otherKinds,
  ...headerMails,
  ...publicMails,
};
