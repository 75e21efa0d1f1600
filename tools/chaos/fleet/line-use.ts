import type { FaultLine } from '@ms1/testkit';

/** On which lines faults were: what an auditor must know before he blames a burst on the fleet. */
export class LineUse {
  readonly #touched = new Set<string>();

  get touched(): ReadonlySet<string> {
    return this.#touched;
  }

  /** The line, whose use is written down. `heal` is none: it is called to be sure. */
  watch(name: string, line: FaultLine): FaultLine {
    return new Proxy(line, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          if (property !== 'heal') this.#touched.add(name);
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
  }
}
