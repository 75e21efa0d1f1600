import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A question before something is done. Escape and Cancel do nothing; the focus goes back where it was. */
export function AskDialog({
  title,
  confirm,
  isGrave,
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  /** what the button that does it says */
  confirm: string;
  isGrave?: boolean;
  onConfirm: (form: FormData) => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="ask-title" onClose={onClose}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          dialog.current?.close();
          void onConfirm(form);
        }}
      >
        <h2 id="ask-title">{title}</h2>
        {children}
        <div class="dialog-actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Go back
          </button>
          <button type="submit" class={isGrave ? 'grave' : 'main'}>
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
