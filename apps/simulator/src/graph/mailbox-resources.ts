import type { Call, Reply } from '../http/call.ts';
import type { MailFolder } from '../mail/mail-folder.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { getAttachment, listAttachments } from './attachments.ts';
import { deltaPage } from './delta.ts';
import type { DeltaFaults } from './delta-faults.ts';
import { DeltaGenerations } from './delta-generations.ts';
import type { ExpandFaults } from './expand-faults.ts';
import { badRequest, itemNotFound, methodNotAllowed } from './graph-error.ts';
import { mimeOf } from './message-body.ts';
import type { MessageView } from './message-view.ts';
import { findMessage, getMessage, listMessages } from './messages.ts';
import { readPreferences } from './preferences.ts';

export interface MailboxResourcesOptions {
  readonly view: MessageView;
  readonly deltaFaults: DeltaFaults;
  readonly expandFaults: ExpandFaults;
}

/** What lies below `/users/{id}`. */
export class MailboxResources {
  readonly #options: MailboxResourcesOptions;
  readonly #generations = new DeltaGenerations();

  constructor(options: MailboxResourcesOptions) {
    this.#options = options;
  }

  answer(call: Call, mailbox: Mailbox, [collection, ...rest]: string[]): Reply {
    if (call.method !== 'GET') return methodNotAllowed();
    switch (collection) {
      case undefined:
        return {
          status: 200,
          body: { id: mailbox.id, mail: mailbox.address, userPrincipalName: mailbox.address },
        };
      case 'messages':
        return this.#messages(call, mailbox, undefined, rest);
      case 'mailfolders':
        return this.#folders(call, mailbox, rest);
      default:
        return badRequest(`Resource not found for the segment '${collection}'.`);
    }
  }

  #folders(call: Call, mailbox: Mailbox, [id, collection, ...rest]: string[]): Reply {
    if (id === undefined) {
      return { status: 200, body: { value: mailbox.folders.map(showFolder) } };
    }
    const folder = mailbox.folder(id);
    if (!folder) return itemNotFound();
    if (collection === undefined) return { status: 200, body: showFolder(folder) };
    if (collection === 'messages') return this.#messages(call, mailbox, folder, rest);
    return badRequest(`Resource not found for the segment '${collection}'.`);
  }

  #messages(
    call: Call,
    mailbox: Mailbox,
    folder: MailFolder | undefined,
    [id, ...rest]: string[],
  ): Reply {
    const preferences = readPreferences(call.headers);
    const request = { call, mailbox, folder, preferences };
    if (id === undefined) return listMessages(request, this.#options);
    if (id === 'delta') {
      // Per folder only: there is no delta of a whole mailbox (docs/graph-contract.md#delta).
      if (!folder) return badRequest("The 'delta' function is not supported on this collection.");
      const { view, deltaFaults } = this.#options;
      return deltaPage(
        { ...request, folder },
        { view, generations: this.#generations, faults: deltaFaults },
      );
    }
    return this.#message(call, mailbox, id, rest);
  }

  #message(call: Call, mailbox: Mailbox, id: string, [part, attachment, raw]: string[]): Reply {
    const preferences = readPreferences(call.headers);
    const message = findMessage(mailbox, id, preferences);
    const content = this.#options.view.content(mailbox, message);
    const request = { call, message, content, preferences };
    switch (part) {
      case undefined:
        return getMessage({ ...request, mailbox }, this.#options);
      case '$value':
        return { status: 200, body: mimeOf(content) };
      case 'attachments':
        return attachment === undefined
          ? listAttachments(request)
          : getAttachment(request, attachment, raw === '$value');
      default:
        return badRequest(`Resource not found for the segment '${part}'.`);
    }
  }
}

function showFolder({ id, name, messages }: MailFolder): object {
  return { id, displayName: name, totalItemCount: messages.length, childFolderCount: 0 };
}
