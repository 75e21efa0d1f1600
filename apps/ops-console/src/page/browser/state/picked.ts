import { signal } from '@preact/signals';

/** At once: as many as the API puts side by side. */
export const PICKED_MAX = 8;

/** Ids of the sessions that somebody wants side by side, in the order in which they were picked. */
export const picked = signal<readonly string[]>([]);

export function pick(id: string, isPicked: boolean): void {
  const others = picked.value.filter((one) => one !== id);
  picked.value = isPicked ? [...others, id] : others;
}
