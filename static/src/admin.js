/**
 * What Django admin's pages do beyond plain HTML: copy a text, and follow what goes on. Everything works without it but copying.
 */

import { keepLive } from "./admin-live.js";

const SHOWN_MS = 2000;

for (const button of document.querySelectorAll("[data-copy]")) {
  if (button instanceof HTMLButtonElement) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

const bar = document.querySelector("[data-live]");
if (bar instanceof HTMLElement) keepLive(bar);

/** @param {HTMLButtonElement} button */
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  const label = button.textContent;
  button.textContent = button.dataset.copied ?? "✓";
  setTimeout(() => (button.textContent = label), SHOWN_MS);
}
