/**
 * In which locale numbers, times and dates are written: the page's language, the way the visitor's
 * region writes it.
 */

import { createMessages } from "./messages.js";

/**
 * @param {string} language Of the page.
 * @param {readonly string[]} preferred The visitor's own locales, the best first.
 * @returns {string} A locale for `Intl`.
 */
export function localeOf(language, preferred) {
  const [base] = language.split("-");
  const own = preferred.find((locale) => locale.split("-")[0] === base) ?? language;
  // Phone numbers, references and the keypad have these digits in Arabic too: one page, one kind.
  return base === "ar" ? new Intl.Locale(own, { numberingSystem: "latn" }).toString() : own;
}

export const pageLocale = () => localeOf(document.documentElement.lang, navigator.languages);

/** @param {import("./messages.js").Catalogue} catalogue In the language of the page. */
export const pageMessages = (catalogue) =>
  createMessages(catalogue, pageLocale(), { rightToLeft: document.documentElement.dir === "rtl" });
