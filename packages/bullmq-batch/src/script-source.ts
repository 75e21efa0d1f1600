import { BATCH_KEYS, batchLua } from './batch-lua.ts';
import { bulkAddLua } from './bulk-add-lua.ts';
import { ADD_PLAIN, type RowScript } from './row-scripts.ts';
import type { ScriptClient } from './script-client.ts';

/** Scripts whose key order is relied upon, and the number of their keys. All others get what BullMQ's builders made. */
const KNOWN_KEYS: Readonly<Record<string, number>> = {
  moveToActive: 11,
  moveJobFromActiveToWait: 9,
};

/**
 * BullMQ's scripts as text, taken at run time from the connection on which BullMQ has defined them; and ours, made from
 * them and defined beside.
 */
export class ScriptSource {
  readonly #client: ScriptClient;
  readonly #version: string;

  constructor(client: ScriptClient, version: string) {
    this.#client = client;
    this.#version = version;
  }

  /** Whether this client shows its scripts and they look as expected; without it only the public API is left. */
  static usable(client: ScriptClient, version: string): boolean {
    return (
      client.scriptsSet !== undefined &&
      Object.entries(KNOWN_KEYS).every(
        ([script, keys]) => client.scriptsSet?.[`${script}:${version}`]?.numberOfKeys === keys,
      )
    );
  }

  keysOf(script: RowScript): number {
    return this.#definition(script === ADD_PLAIN ? 'addStandardJob' : script).numberOfKeys;
  }

  /** @returns the name under which `client.runCommand` knows the run that holds these scripts */
  command(rows: readonly RowScript[], fetch: boolean): string {
    return this.#define(`ms1Batch${fetch ? 'Fetch' : ''}_${rows.join('_')}`, BATCH_KEYS, (text) =>
      batchLua(text, { rows, fetch }),
    );
  }

  /** @returns the name of the run that only adds */
  bulkAddCommand(): string {
    return this.#define('ms1BulkAdd', 1, bulkAddLua);
  }

  #define(
    name: string,
    numberOfKeys: number,
    make: (text: (script: string) => string) => string,
  ): string {
    const command = `${name}:${this.#version}`;
    if (this.#client.scriptsSet?.[command] === undefined) {
      const lua = make((script) => this.#definition(script).lua);
      this.#client.defineCommand(command, { numberOfKeys, lua });
    }
    return command;
  }

  #definition(script: string): { readonly lua: string; readonly numberOfKeys: number } {
    const definition = this.#client.scriptsSet?.[`${script}:${this.#version}`];
    if (!definition) throw new Error(`BullMQ ${this.#version} has defined no script ${script}`);
    return definition;
  }
}
