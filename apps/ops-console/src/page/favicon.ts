/** The mark of the console in a tab. Browsers ask for it at `/favicon.ico`, also where no page names it, and go by its type. */
export const FAVICON = {
  type: 'image/svg+xml',
  body: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2563eb"/><path d="M3 5.5l5 4 5-4v6H3z" fill="#fff"/></svg>',
} as const;
