import { computed, signal } from '@preact/signals';

const BASE = '/console';

/** The views, as the path spells them. */
export const VIEWS = {
  overview: { path: BASE, title: 'Overview' },
  sessions: { path: `${BASE}/sessions`, title: 'Sessions' },
  mail: { path: `${BASE}/mail`, title: 'Mail' },
  mailboxes: { path: `${BASE}/mailboxes`, title: 'Mailboxes' },
  history: { path: `${BASE}/history`, title: 'History' },
  mailbox: { path: `${BASE}/mailboxes`, title: 'Mailbox' },
  letters: { path: `${BASE}/dead-letters`, title: 'Dead letters' },
  group: { path: `${BASE}/dead-letters`, title: 'Dead letters of one cause' },
  fleet: { path: `${BASE}/fleet`, title: 'Processes' },
  checks: { path: `${BASE}/checks`, title: 'Checks' },
  audits: { path: `${BASE}/audits`, title: 'Audits' },
  audit: { path: `${BASE}/audits`, title: 'Audit' },
  actions: { path: `${BASE}/actions`, title: 'Operators’ log' },
  find: { path: `${BASE}/find`, title: 'Find a message' },
  message: { path: `${BASE}/messages`, title: 'Message' },
  missing: { path: `${BASE}/missing`, title: 'No such page' },
} as const;
export type View = keyof typeof VIEWS;

/** Views of one thing, whose path goes on with its id. */
const OF_ONE: ReadonlySet<View> = new Set(['message', 'group', 'mailbox', 'audit']);

const path = signal(location.pathname);

/** What is shown. Nothing of what was looked for is in a path: only a message's key, or the id of a group or a mailbox. */
export const place = computed((): { view: View; key: string } => {
  const [, , first = '', key = ''] = path.value.split('/');
  if (first === 'messages' && key !== '') return { view: 'message', key };
  if (first === 'audits' && key !== '') return { view: 'audit', key };
  if (first === 'dead-letters' && key !== '') return { view: 'group', key };
  if (first === 'mailboxes' && key !== '') return { view: 'mailbox', key };
  const found = (Object.keys(VIEWS) as View[]).find(
    (view) => VIEWS[view].path === `${BASE}/${first}` && !OF_ONE.has(view),
  );
  return { view: found ?? (first === '' ? 'overview' : 'missing'), key: '' };
});

export const groupPath = (fingerprint: string): string => `${VIEWS.group.path}/${fingerprint}`;

export const auditPath = (id: string): string => `${VIEWS.audit.path}/${id}`;

export const mailboxPath = (id: string): string => `${VIEWS.mailbox.path}/${id}`;

export const messagePath = (key: string): string => `${VIEWS.message.path}/${key}`;

/** Goes to a view without loading the page again, and puts the focus where its reading begins. */
export function goTo(to: string): void {
  if (to === path.value) return;
  history.pushState(null, '', to);
  path.value = to;
  scrollTo(0, 0);
  requestAnimationFrame(() => document.querySelector<HTMLElement>('h1')?.focus());
}

/** Follows the back button, links inside the console, and the title. */
export function watchPlace(): void {
  addEventListener('popstate', () => {
    path.value = location.pathname;
  });
  document.addEventListener('click', (event) => {
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey);
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!plain || event.defaultPrevented || !link || link.target !== '') return;
    const leads = `${link.pathname}/`.startsWith(`${BASE}/`) && link.hash === '';
    if (!leads || link.origin !== location.origin) return;
    event.preventDefault();
    goTo(link.pathname);
  });
  place.subscribe(({ view }) => {
    document.title = `${VIEWS[view].title} · ms1 console`;
  });
}
