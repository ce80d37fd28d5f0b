/**
 * What Django admin's pages do beyond plain HTML: copy a text. Everything works without it but that.
 */

const SHOWN_MS = 2000;

for (const button of document.querySelectorAll("[data-copy]")) {
  if (button instanceof HTMLButtonElement) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  const label = button.textContent;
  button.textContent = button.dataset.copied ?? "✓";
  setTimeout(() => (button.textContent = label), SHOWN_MS);
}
