/**
 * Reads the name out of a company's token, so that its customer need not type it. Whether the token
 * is any good the portal alone can tell, and does when the call starts; nothing else is read here.
 */

/**
 * @param {string} token A JWT, or "".
 * @param {number} [nowMs]
 * @returns {string} "" when it names nobody, or is over.
 */
export function nameSignedIn(token, nowMs = Date.now()) {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    const { name, exp } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof name === "string" && exp * 1_000 > nowMs ? name.trim() : "";
  } catch {
    return "";
  }
}
