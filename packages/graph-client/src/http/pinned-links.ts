import { GraphForeignLinkError } from '../errors/graph-error.ts';

/** Graph links are about 1 KB; a longer one is not stored and not followed. */
const LINK_LENGTH_MAX = 16_384;

/** Turns links that Graph handed out into paths on the one Graph that is configured. */
export class PinnedLinks {
  readonly origin: string;
  /** path of the version, without a slash at its end */
  readonly root: string;

  /** @param baseUrl Graph with its version, such as https://graph.microsoft.com/v1.0 */
  constructor(baseUrl: string) {
    const { origin, pathname } = new URL(baseUrl);
    this.origin = origin;
    this.root = pathname.replace(/\/+$/, '');
  }

  get baseUrl(): string {
    return `${this.origin}${this.root}`;
  }

  /**
   * Path below the version, and query, of a nextLink or deltaLink, byte for byte (a changed link is a lost
   * position, docs/graph-contract.md#delta-tokens).
   *
   * @throws {GraphForeignLinkError} when it names another origin, another API version or another mailbox:
   *   following it would hand the bearer token or a position to a stranger
   */
  toPath(link: string, mailboxId?: string): { path: string; search: string } {
    const url = parse(link);
    const root = `${this.root}/`;
    const foreign =
      url === null ||
      url.origin !== this.origin ||
      url.username !== '' ||
      url.password !== '' ||
      !url.pathname.startsWith(root) ||
      (mailboxId !== undefined && !isOfMailbox(url.pathname.slice(root.length), mailboxId));
    if (foreign) {
      throw new GraphForeignLinkError('sent a link that leads elsewhere', { status: 200 });
    }
    return { path: url.pathname.slice(this.root.length), search: url.search };
  }
}

/** The URL parser drops tabs and line breaks and takes `\` for `/`; a link with any of them is not Graph's. */
function parse(link: string): URL | null {
  if (link.length > LINK_LENGTH_MAX || /[\s\\#]/.test(link)) return null;
  return URL.canParse(link) ? new URL(link) : null;
}

/** `users/{id}/...` or `users('{id}')/...`: both are seen in links for the same request. */
function isOfMailbox(path: string, mailboxId: string): boolean {
  const start = path.toLowerCase().replaceAll('%27', "'");
  const id = mailboxId.toLowerCase();
  return start.startsWith(`users/${id}/`) || start.startsWith(`users('${id}')/`);
}
