/**
 * Copies the page's address, for the browser that can make the call.
 */
import { required } from "./dom.js";

/**
 * @param {HTMLElement} root
 * @param {{polite: (id: string) => void}} announce
 */
export async function copyAddress(root, announce) {
  const address = required("[data-part=address]", HTMLInputElement, root);
  address.select();
  const copied = await navigator.clipboard?.writeText(address.value).then(() => true, () => false);
  // Without a clipboard the address is at least marked, ready to be copied by hand.
  if (copied) announce.polite("invite.copied");
}
