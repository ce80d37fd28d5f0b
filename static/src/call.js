/**
 * What the customer's call page runs first: as little as says whether one can call. The rest is fetched once somebody seems
 * to mean it, and at once by a page that was opened for more: a call there is, an invitation, another site's button.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./call-model.js").CallEvent} CallEvent
 */
import { createAnnouncer } from "./announcer.js";
import { BLANK } from "./call-model.js";
import { required } from "./dom.js";
import { createEntryPage } from "./entry-page.js";
import { entryTransition } from "./entry-state.js";
import { watchEntry } from "./entry-watch.js";
import { fetchedOnce } from "./fetched-once.js";
import { pageMessages } from "./locale.js";
import { createPanel } from "./panel.js";
import { createStore } from "./store.js";
import { obstacleOf } from "./surroundings.js";

const page = /** @type {PageData} */ (
  JSON.parse(required("#call-data", HTMLScriptElement).textContent ?? "")
);
const root = required("[data-call-state]", HTMLElement);
const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement, root);
const t = pageMessages(page.messages);
const announce = createAnnouncer({ polite: part("polite"), assertive: part("assertive") }, t);
const panel = createPanel(part("panel"));
const store = createStore(
  /** @type {CallModel} */ (BLANK),
  /** @type {(model: CallModel, event: CallEvent) => CallModel} */ (entryTransition),
);

/** The sentences that only a call needs, beside those the page came with. */
async function fetchSentences() {
  const answer = await fetch(page.urls.sentences);
  if (!answer.ok) throw new Error(`sentences: ${answer.status}`);
  Object.assign(page.messages, await answer.json());
}

const fetchCall = fetchedOnce(async () => {
  const [{ createCallPage }] = await Promise.all([import("./calling.js"), fetchSentences()]);
  return () => createCallPage({ root, page, t, announce, store, panel });
});
const entry = createEntryPage({ root, page, t, announce, store, panel, fetchCall });

if (page.contact || page.guest || page.handover || page.embedded) void entry.goOn();
else {
  const { availability } = page.entry_point;
  const around = { obstacle: obstacleOf(window), online: navigator.onLine };
  store.send({ type: "opened", entry: { ...around, availability }, contact: null, canRejoin: false });
  // Where no call can ever be made there is nothing to follow.
  if (!store.model.obstacle) watchEntry({ page, store });
}
