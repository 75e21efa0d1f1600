import type { ComponentChildren } from 'preact';

import { BrowseView } from './browse/browse-view.tsx';
import { FindView } from './find/find-view.tsx';
import { MessageView } from './find/message-view.tsx';
import { SearchBox } from './find/search-box.tsx';
import { Heading } from './heading.tsx';
import { HistoryView } from './history/history-view.tsx';
import { DeadLettersView } from './letters/dead-letters-view.tsx';
import { GroupView } from './letters/group-view.tsx';
import { MailboxPage } from './mailboxes/mailbox-page.tsx';
import { MailboxesView } from './mailboxes/mailboxes-view.tsx';
import { OverviewView } from './overview/overview-view.tsx';
import { SessionsView } from './sessions/sessions-view.tsx';
import { loggedOut, role } from './state/me.ts';
import { notice } from './state/notice.ts';
import { line, overview } from './state/overview.ts';
import { place, VIEWS, type View } from './state/place.ts';
import { ActionsView } from './system/actions-view.tsx';
import { AuditView } from './system/audit-view.tsx';
import { AuditsView } from './system/audits-view.tsx';
import { ChecksView } from './system/checks-view.tsx';
import { FleetView } from './system/fleet-view.tsx';
import { isOfSystem, SystemNav } from './system/system-nav.tsx';
import { short } from './words.ts';

const TABS = ['overview', 'mail', 'sessions', 'mailboxes', 'letters', 'history'] as const;

const SHOWN: Record<View, () => ComponentChildren> = {
  overview: () => <OverviewView />,
  mail: () => <BrowseView />,
  sessions: () => <SessionsView />,
  mailboxes: () => <MailboxesView />,
  mailbox: () => <MailboxPage key={place.value.key} id={place.value.key} />,
  letters: () => <DeadLettersView />,
  history: () => <HistoryView />,
  group: () => <GroupView key={place.value.key} id={place.value.key} />,
  fleet: () => <FleetView />,
  checks: () => <ChecksView />,
  audits: () => <AuditsView />,
  audit: () => <AuditView key={place.value.key} id={place.value.key} />,
  actions: () => <ActionsView />,
  find: () => <FindView />,
  missing: () => (
    <>
      <Heading title="There is no such page" />
      <p>
        <a href={VIEWS.overview.path}>To the overview</a>
      </p>
    </>
  ),
  message: () => <MessageView key={place.value.key} messageKey={place.value.key} />,
};

/** What stays while views change: the way around, the search, and whether the numbers are alive. */
export function Shell() {
  const { view } = place.value;
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href={VIEWS.overview.path} aria-label="ms1 console, overview">
          <span aria-hidden="true" class="mark" />
          ms1
        </a>
        <nav aria-label="Console">
          {TABS.map((tab) => (
            <a key={tab} href={VIEWS[tab].path} aria-current={tab === view ? 'page' : undefined}>
              {VIEWS[tab].title}
              <TabCount tab={tab} />
            </a>
          ))}
          <a href={VIEWS.fleet.path} aria-current={isOfSystem(view) ? 'true' : undefined}>
            System
          </a>
        </nav>
        <SearchBox />
        <div class="who">
          <Line />
          <a href="/logout" target="_self" title={role.value && `You are: ${role.value}`}>
            Log out
          </a>
        </div>
      </header>
      <Interruptions />
      <main id="main" tabIndex={-1}>
        {isOfSystem(view) && <SystemNav />}
        {SHOWN[view]()}
      </main>
      <Notice />
    </>
  );
}

function TabCount({ tab }: { tab: (typeof TABS)[number] }) {
  const seen = overview.value;
  if (!seen) return null;
  const { deadLetters, mailboxes } = seen;
  if (tab === 'letters' && deadLetters.total > 0) {
    return <span class="count bad">{short(deadLetters.total)}</span>;
  }
  if (tab === 'mailboxes' && mailboxes.stale > 0) {
    return (
      <span class="count warn" title="not walked for a while">
        {short(mailboxes.stale)}
      </span>
    );
  }
  return null;
}

const LINES = {
  live: 'Live',
  waiting: 'Connecting …',
  blind: 'No sight',
} as const;

function Line() {
  return (
    <span class={`line ${line.value}`}>
      <span aria-hidden="true" class="dot" />
      {LINES[line.value]}
    </span>
  );
}

/** What makes everything below it untrue. */
function Interruptions() {
  if (loggedOut.value) {
    return (
      <p class="interruption" role="alert">
        Your login has ended, so these numbers stand still.{' '}
        <a href={`/login?next=${encodeURIComponent(location.pathname)}`} target="_self">
          Log in again
        </a>
      </p>
    );
  }
  if (line.value !== 'blind') return null;
  return (
    <p class="interruption" role="alert">
      Redis does not answer the console, so these numbers stand still. Mail is not lost: whatever
      was taken on goes on when Redis is back.
    </p>
  );
}

function Notice() {
  const told = notice.value;
  return (
    <div class="notices" role="status">
      {told && (
        <p class={`notice ${told.kind}`}>
          <span>{told.text}</span>
          <button
            type="button"
            class="plain"
            onClick={() => {
              notice.value = undefined;
            }}
          >
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}
