import type { Language } from './language.ts';
import { arabic } from './languages/ar.ts';
import { german } from './languages/de.ts';
import { english } from './languages/en.ts';
import { spanish } from './languages/es.ts';
import { french } from './languages/fr.ts';
import { italian } from './languages/it.ts';
import { japanese } from './languages/ja.ts';
import { dutch } from './languages/nl.ts';
import { polish } from './languages/pl.ts';
import { portuguese } from './languages/pt.ts';
import { chinese } from './languages/zh.ts';

/** The languages of the mail and how often each is met, as a European company with suppliers everywhere sees them. */
export const LANGUAGES: readonly [[Language, number], ...[Language, number][]] = [
  [german, 28],
  [english, 24],
  [french, 9],
  [spanish, 8],
  [italian, 8],
  [polish, 6],
  [dutch, 4],
  [portuguese, 3],
  [japanese, 4],
  [chinese, 4],
  [arabic, 2],
];
