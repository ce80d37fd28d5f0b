/**
 * Who this tab is to the portal, where there are no cookies: a page in another site's frame makes
 * its own customer key, keeps it and the call it is in for as long as the tab lives, and sends the
 * key with each request and socket. On the portal's own pages the cookie does all that.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {object} Customer
 * @property {typeof fetch} send
 * @property {(url: string) => WebSocket} openSocket
 * @property {string|null} contactId Of the call this tab was in when it was loaded again.
 * @property {(contactId: string|null) => void} remember
 * @property {(address: string) => void} post Opens a page that is this customer's alone, in a tab of its own.
 */
import { h } from "./dom.js";
import { tabStorage } from "./tab-storage.js";

const KEY = "video-call-customer";
const CONTACT = "video-call-contact";
const HEADER = "X-Customer-Key";
const SUBPROTOCOLS = { spoken: "vcp.v1", key: "vcp.customer." };

/** @returns {Customer} */
function cookieCustomer() {
  return {
    send: (input, init) => fetch(input, init),
    openSocket: (url) => new WebSocket(url),
    contactId: null,
    remember: () => undefined,
    post: (address) => void open(address, "_blank", "noopener"),
  };
}

/** @param {import("./tab-storage.js").TabStorage} storage @returns {Customer} */
function tabCustomer(storage) {
  const key = storage.getItem(KEY) ?? newKey();
  return {
    send: (input, init = {}) =>
      fetch(input, { ...init, credentials: "omit", headers: { ...init.headers, [HEADER]: key } }),
    openSocket: (url) => new WebSocket(url, [SUBPROTOCOLS.spoken, SUBPROTOCOLS.key + key]),
    contactId: storage.getItem(CONTACT),
    remember(contactId) {
      if (!contactId) return [CONTACT, KEY].forEach((name) => storage.removeItem(name));
      storage.setItem(CONTACT, contactId);
      storage.setItem(KEY, key);
    },
    /** By a form, so that the key stands in no address. */
    post(address) {
      const form = h(
        "form",
        { method: "post", action: address, target: "_blank", hidden: true },
        h("input", { name: "customer_key", value: key }),
      );
      document.body.append(form);
      form.submit();
      form.remove();
    },
  };
}

/** @returns {string} 256 random bits in base64url, as the portal's own keys are. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
}

/** @param {PageData} page */
export const createCustomer = (page) => (page.embedded ? tabCustomer(tabStorage()) : cookieCustomer());
