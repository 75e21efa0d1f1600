import type { Call, Reply } from '../http/call.ts';
import type { MailFolder } from '../mail/mail-folder.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { getAttachment, isTooLarge, listAttachments } from './attachments.ts';
import { deltaPage } from './delta.ts';
import type { DeltaFaults } from './delta-faults.ts';
import { DeltaGenerations } from './delta-generations.ts';
import { badRequest, itemNotFound, methodNotAllowed, tookTooLong } from './graph-error.ts';
import { mimeOf } from './message-body.ts';
import { isMessageProperty, type MessageView } from './message-view.ts';
import { findMessage, listMessages } from './messages.ts';
import { readPreferences } from './preferences.ts';
import { parseSelect } from './select.ts';

/** What lies below `/users/{id}`. */
export class MailboxResources {
  readonly #view: MessageView;
  readonly #generations = new DeltaGenerations();
  readonly #deltaFaults: DeltaFaults;

  constructor(view: MessageView, deltaFaults: DeltaFaults) {
    this.#view = view;
    this.#deltaFaults = deltaFaults;
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
    if (id === undefined) return listMessages({ call, mailbox, folder, preferences }, this.#view);
    if (id === 'delta') {
      // Per folder only: there is no delta of a whole mailbox (docs/graph-contract.md#delta).
      if (!folder) return badRequest("The 'delta' function is not supported on this collection.");
      return deltaPage(
        { call, mailbox, folder, preferences },
        { view: this.#view, generations: this.#generations, faults: this.#deltaFaults },
      );
    }
    return this.#message(call, mailbox, id, rest);
  }

  #message(call: Call, mailbox: Mailbox, id: string, [part, attachment, raw]: string[]): Reply {
    const preferences = readPreferences(call.headers);
    const message = findMessage(mailbox, id, preferences);
    const content = this.#view.content(mailbox, message);
    const request = { call, message, content, preferences };
    switch (part) {
      case undefined: {
        const select = parseSelect(call.query, 'microsoft.graph.message', isMessageProperty);
        const expandAttachments = call.query.get('$expand')?.startsWith('attachments') ?? false;
        if (expandAttachments && isTooLarge([content])) return tookTooLong();
        const context = `${call.origin}/v1.0/$metadata#users('${mailbox.id}')/messages/$entity`;
        const shown = this.#view.show(mailbox, message, { select, preferences, expandAttachments });
        return { status: 200, body: { '@odata.context': context, ...shown } };
      }
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
