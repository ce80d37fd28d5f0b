/**
 * What Django admin's pages do beyond plain HTML: copy a text, follow what goes on, and try looks on while
 * one types. Everything works without it but copying.
 */

import { keepLive } from "./admin-live.js";
import { keepPreview } from "./admin-preview.js";

const SHOWN_MS = 2000;

for (const button of document.querySelectorAll("[data-copy]")) {
  if (button instanceof HTMLButtonElement) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

const bar = document.querySelector("[data-live]");
if (bar instanceof HTMLElement) keepLive(bar);

const preview = document.querySelector("[data-preview]");
if (preview instanceof HTMLElement) keepPreview(preview);

/** @param {HTMLButtonElement} button */
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  const label = button.textContent;
  button.textContent = button.dataset.copied ?? "✓";
  setTimeout(() => (button.textContent = label), SHOWN_MS);
}
