/**
 * The button and the panel with the call, as they stand in a host page. They live in a shadow root
 * with a sheet of their own, so that neither page's styles touch the other's, and no inline style
 * needs the host's Content-Security-Policy to allow it. Knows nothing of calls.
 */

const SHEET = `
:host { all: initial; }
* { box-sizing: border-box; font: 600 1rem/1.25 system-ui, sans-serif; }
button { min-height: 2.75rem; border: 0; border-radius: var(--vc-radius-button, 1.5rem); padding: 0 1.25rem; cursor: pointer;
  color: var(--vc-on-accent, #fff); background: var(--vc-accent, #0a6b5a); }
button:hover { background: var(--vc-accent-strong, #07513f); }
button:focus-visible { outline: 3px solid #ffbf47; outline-offset: 2px; }
.call { position: fixed; inset-block-end: max(1rem, env(safe-area-inset-bottom));
  inset-inline-end: max(1rem, env(safe-area-inset-right)); z-index: 2147483646;
  box-shadow: 0 4px 16px rgb(0 0 0 / 30%); }
.panel { position: fixed; z-index: 2147483647; inset-block-end: 1rem; inset-inline-end: 1rem;
  inline-size: min(30rem, 100vw - 2rem); block-size: min(46rem, 100dvh - 2rem); display: flex;
  flex-direction: column; overflow: hidden; border-radius: var(--vc-radius, 1rem); background: #101916; color: #fff;
  box-shadow: 0 8px 40px rgb(0 0 0 / 45%); }
.panel[hidden] { display: none; }
.panel.small { inline-size: min(17rem, 100vw - 2rem); block-size: 13rem; }
header { display: flex; align-items: center; gap: .25rem; padding: .25rem .25rem .25rem 1rem; }
h2 { flex: 1; margin: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
header button { background: transparent; color: inherit; padding: 0 1rem; font-size: 1.25rem; }
header button:hover { background: rgb(255 255 255 / 15%); }
iframe { flex: 1; inline-size: 100%; border: 0; background: #fff; }
.refusal { flex: 1; padding: 1rem; margin: 0; font-weight: 400; overflow: auto; }
@media (max-width: 40rem) {
  .panel:not(.small) { inset: 0; inline-size: auto; block-size: auto; border-radius: 0; }
}
@media (forced-colors: active) { button, .panel { border: 1px solid; } }
`;

/** What the frame may use of the person's device; the portal's origin alone. */
const ALLOW = [
  "camera", "microphone", "display-capture", "autoplay", "fullscreen", "picture-in-picture",
  "speaker-selection", "clipboard-write", "compute-pressure",
].join("; ");

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node|string)[]} children
 */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** @param {{close: () => void}} wishes */
export function createPanel({ close }) {
  const place = element("div", { "data-video-call-place": "" });
  const root = place.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  root.adoptedStyleSheets = [sheet];
  const title = element("h2", { id: "title" });
  const sizer = element("button", { type: "button" }, "–");
  const closer = element("button", { type: "button" }, "×");
  const panel = element(
    "section",
    { class: "panel", role: "dialog", "aria-labelledby": "title", hidden: "" },
    element("header", {}, title, sizer, closer),
  );
  root.append(panel);
  /** @type {Record<string, string>} */
  let texts = {};
  /** @type {Element|null} */
  let content = null;
  /** @type {HTMLElement|null} */
  let opener = null;

  /** @param {boolean} small */
  function resize(small) {
    panel.classList.toggle("small", small);
    sizer.textContent = small ? "□" : "–";
    sizer.setAttribute("aria-label", (small ? texts["restore"] : texts["minimise"]) ?? "");
  }

  /** @param {HTMLElement} shown @param {Record<string, string>} words */
  function show(shown, words) {
    texts = words;
    opener = /** @type {HTMLElement|null} */ (document.activeElement);
    title.textContent = words["title"] ?? "";
    closer.setAttribute("aria-label", words["close"] ?? "");
    content?.remove();
    content = shown;
    panel.append(shown);
    resize(false);
    panel.hidden = false;
    (shown instanceof HTMLIFrameElement ? shown : closer).focus();
  }

  const isSmall = () => panel.classList.contains("small");
  sizer.addEventListener("click", () => resize(!isSmall()));
  closer.addEventListener("click", close);

  return {
    place,
    get isOpen() {
      return !panel.hidden;
    },
    /** @param {Record<string, string>} theme Custom properties of the entry point, by name. */
    paint(theme) {
      for (const [name, value] of Object.entries(theme)) place.style.setProperty(`--vc-${name}`, value);
    },
    /** @param {string} label @param {() => void} open */
    drawButton(label, open) {
      const button = element("button", { type: "button", class: "call" }, label);
      button.addEventListener("click", open);
      root.prepend(button);
    },
    /** @param {string} address @param {Record<string, string>} words @returns {HTMLIFrameElement} */
    showFrame(address, words) {
      const title = words["title"] ?? "";
      const frame = /** @type {HTMLIFrameElement} */ (
        element("iframe", { src: address, allow: ALLOW, allowfullscreen: "", title })
      );
      show(frame, words);
      return frame;
    },
    /** @param {string} heading @param {string} detail @param {Record<string, string>} words */
    showRefusal(heading, detail, words) {
      show(element("p", { class: "refusal", role: "alert" }, detail), { ...words, title: heading });
    },
    resize,
    hide() {
      panel.hidden = true;
      content?.remove();
      content = null;
      opener?.focus?.();
    },
  };
}
