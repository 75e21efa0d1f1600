export interface LoginPageOptions {
  next: string;
  error?: string | undefined;
  /** the ways in that there are */
  password: boolean;
  oidc: boolean;
}

/** The login page: no script, works without style, and shows nothing that came from outside but `next`. */
export function loginPage({ next, error, password, oidc }: LoginPageOptions): string {
  const alert = alertOf(error);
  const form = `<form method="post" action="/login">
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
      <input type="hidden" name="next" value="${escape(next)}">
      ${alert}
      <button>Log in</button>
    </form>`;
  const link = `<p><a href="/login/oidc?next=${encodeURIComponent(next)}">Log in with your organisation</a></p>`;
  return page('Log in', `${oidc ? link : ''}${password ? form : alert}`);
}

/** Leads on from here: a page of ours, so that its browser sends the cookie which other sites' links go without. */
export function leadOnPage(next: string): string {
  const to = escape(next);
  return page(
    'Logged in',
    `<p><a href="${to}">Go on</a></p>`,
    `<meta http-equiv="refresh" content="0;url=${to}">`,
  );
}

export function logoutPage(error?: string): string {
  const form = '<form method="post" action="/logout"><button>Log out</button></form>';
  return page('Log out', `${alertOf(error)}${form}`);
}

/** Where a login may lead: inside the console, whatever the form says. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?:console|queues)(?:[/?][\w/?&=.%-]*)?$/.test(next)
    ? next
    : '/console';
}

function page(title: string, main: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · ms1 console</title>
    ${head}
    <style>
      /* The colours of the page (browser/style/base.css). */
      :root { color-scheme: light dark; font: 400 15px/1.5 Inter, system-ui, sans-serif; }
      body {
        display: grid; place-items: center; min-height: 90vh; margin: 0;
        color: light-dark(#12161c, #e9ecf1); background: light-dark(#f5f6f8, #0e1116);
      }
      main {
        width: min(20rem, 85vw); padding: 1.4rem; border-radius: 12px;
        border: 1px solid light-dark(#e3e6eb, #272d37); background: light-dark(#ffffff, #171b22);
      }
      h1 { margin: 0 0 1rem; font-size: 1.3rem; }
      form { display: grid; gap: .75rem; }
      input, button {
        font: inherit; padding: .5rem .7rem; border-radius: 8px;
        border: 1px solid light-dark(#8a94a3, #667284);
      }
      button { border: 0; color: light-dark(#ffffff, #08182c); background: light-dark(#0a58b8, #7ab8ff); }
      a { color: light-dark(#0a58b8, #7ab8ff); }
    </style>
  </head>
  <body><main><h1>ms1 console</h1>${main}</main></body>
</html>
`;
}

function alertOf(error: string | undefined): string {
  return error === undefined ? '' : `<p role="alert">${escape(error)}</p>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
