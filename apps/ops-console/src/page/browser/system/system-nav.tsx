import { place, VIEWS, type View } from '../state/place.ts';

const PAGES = ['fleet', 'checks', 'audits', 'actions'] as const;

/** Whether a view is one of those about the service itself. */
export const isOfSystem = (view: View): boolean =>
  view === 'audit' || PAGES.some((page) => page === view);

const currentFor = (page: View, view: View): 'page' | 'true' | undefined => {
  if (page === view) return 'page';
  return page === 'audits' && view === 'audit' ? 'true' : undefined;
};

/** The way around the views about the service itself. */
export function SystemNav() {
  const { view } = place.value;
  return (
    <nav class="sub" aria-label="System">
      {PAGES.map((page) => (
        <a key={page} href={VIEWS[page].path} aria-current={currentFor(page, view)}>
          {VIEWS[page].title}
        </a>
      ))}
      <a href="/queues" target="_self">
        Queues
      </a>
    </nav>
  );
}
