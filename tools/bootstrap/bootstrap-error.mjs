/** Something that only the person at the keyboard can put right. The message is one sentence that says how. */
export class BootstrapError extends Error {
  code = 'bootstrap_failed';
}
