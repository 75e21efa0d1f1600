import type { Faker } from '@faker-js/faker';

/** How invoice mail is written in one language. `{no}`, `{company}`, `{amount}` and `{date}` are filled in. */
export interface Language {
  readonly code: string;
  readonly faker: Faker;
  readonly country: string;
  readonly subjects: readonly [string, ...string[]];
  readonly greetings: readonly [string, ...string[]];
  readonly lines: readonly [string, ...string[]];
  /** base name of the invoice's file */
  readonly fileNames: readonly [string, ...string[]];
}
