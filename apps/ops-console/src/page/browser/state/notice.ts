import { signal } from '@preact/signals';

interface Notice {
  kind: 'done' | 'refused';
  text: string;
}

/** What came of the last action, told once and politely. */
export const notice = signal<Notice>();

export function tell(kind: Notice['kind'], text: string): void {
  notice.value = { kind, text };
}
