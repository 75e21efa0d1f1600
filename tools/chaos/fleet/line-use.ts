import type { FaultLine } from '@ms1/testkit';

/** Which faults were put on which line and when: what an auditor must know before he blames a burst on the fleet. */
export class LineUse {
  readonly #uses: { readonly at: number; readonly line: string; readonly what: string }[] = [];

  get all(): readonly { readonly at: number; readonly line: string; readonly what: string }[] {
    return this.#uses;
  }

  touched(line: string): boolean {
    return this.#uses.some((use) => use.line === line);
  }

  /** The line, and each call of it written down. */
  watch(name: string, line: FaultLine): FaultLine {
    return new Proxy(line, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          this.#uses.push({ at: Date.now(), line: name, what: String(property) });
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
  }
}
