import type { Page } from 'playwright-core';

/** Sets a global wherever it runs. Short and without a digit: a cause leaves out numbers and whatever looks like an id. */
export const RUN = 'ran=true';

/** Thirty ways in which text becomes script where somebody forgot that it is text. */
export const PAYLOADS = [
  `<script>${RUN}</script>`,
  `"><script>${RUN}</script>`,
  `'><script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `</style><script>${RUN}</script>`,
  `--><script>${RUN}</script>`,
  `<img src=x onerror=${RUN}>`,
  `"><img src=x onerror=${RUN}>`,
  `<img src=x onerror="${RUN}">`,
  `<img/src=x/onerror=${RUN}>`,
  `<IMG SRC=x OnErRoR=${RUN}>`,
  `<svg onload=${RUN}>`,
  `<svg/onload=${RUN}>`,
  `<svg><script>${RUN}</script></svg>`,
  `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`,
  `<math><mtext><img src=x onerror=${RUN}></mtext></math>`,
  `<iframe srcdoc="<script>parent.ran=true</script>">`,
  `<iframe src="javascript:parent.ran=true">`,
  `<object data="javascript:${RUN}">`,
  `<embed src="javascript:${RUN}">`,
  `<a href="javascript:${RUN}">x</a>`,
  `javascript:${RUN}`,
  `<body onload=${RUN}>`,
  `<input autofocus onfocus=${RUN}>`,
  `<details open ontoggle=${RUN}>`,
  `<video><source onerror=${RUN}></video>`,
  `<template><img src=x onerror=${RUN}></template>`,
  `\${${RUN}}{{${RUN}}}`,
  `\u202e<img src=x onerror=${RUN}>`,
];

/** What would show that a page ran what it was given as text. */
export async function spy(page: Page): Promise<() => Promise<string[]>> {
  const seen: string[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`dialog ${dialog.type()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => seen.push(`error ${error.message}`));
  await page.exposeFunction('refused', (directive: string) => {
    // Bull Board asks for a font of somebody else's, and is refused that too.
    if (/script|trusted/.test(directive)) seen.push(`refused ${directive}`);
  });
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => refused(event.violatedDirective))`,
  );
  return async () => {
    const ran = await page.evaluate<boolean>('window.ran !== undefined');
    return ran ? [...seen, 'ran'] : seen;
  };
}
