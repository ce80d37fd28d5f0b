/**
 * Shows what an entry point's form would make of its pages while one fills it in, by pressing the form's own "Preview" for
 * whoever does. Each answer comes in a frame of its own, which takes the place of the one before once it is there: nothing
 * flickers, and the browser's history stays as it was.
 */

const SETTLED_MS = 300;

/** @param {HTMLElement} section */
export function keepPreview(section) {
  const button = section.querySelector("button");
  const form = button?.form;
  let frame = section.querySelector("iframe");
  if (!button || !form || !frame) return;
  let asked = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let soon;

  function show() {
    if (!button || !form || !frame) return;
    const number = ++asked;
    const next = /** @type {HTMLIFrameElement} */ (frame.cloneNode());
    next.removeAttribute("src");
    next.name = `looks-${number}`;
    next.classList.add("preview-coming");
    frame.after(next);
    button.formTarget = next.name;
    button.type = "submit";
    form.requestSubmit(button);
    button.type = "button";
    next.addEventListener("load", () => {
      if (number !== asked) return next.remove();
      // An answer that never came leaves what was there.
      if (next.contentDocument?.URL === "about:blank") return;
      for (const other of section.querySelectorAll("iframe")) if (other !== next) other.remove();
      next.classList.remove("preview-coming");
      frame = next;
    });
  }

  function showSoon() {
    clearTimeout(soon);
    soon = setTimeout(show, SETTLED_MS);
  }

  button.hidden = true;
  // As a form's first it would be pressed by Enter, in place of the one that saves.
  button.type = "button";
  form.addEventListener("input", showSoon);
  form.addEventListener("change", showSoon);
  // A form that came back with mistakes holds what is not saved.
  if (document.querySelector(".errornote")) show();
}
