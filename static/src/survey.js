/**
 * Asks how the call was, once, on the screen after it. One tap is enough; what went wrong is asked
 * only of those for whom it went badly. The form is made once for each call and keeps what was
 * chosen, however often the screen around it is drawn.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 * @typedef {{rating: number, technical_problem: string, comment: string}} Answer
 */
import { ProblemError } from "./contacts-api.js";
import { h, setAttribute, setText } from "./dom.js";
import { field, words } from "./fields.js";

const RATINGS = [1, 2, 3, 4, 5];
const BAD = 2;
const PROBLEMS = ["no_sound", "bad_picture", "dropped", "long_wait", "other"];
const COMMENT_MAX_CHARACTERS = 2_000;

/**
 * @param {object} options
 * @param {Translate} options.t
 * @param {(contactId: string, answer: Answer) => Promise<unknown>} options.send
 * @param {(answer: Answer) => void} options.answered
 */
export function createSurvey({ t, send, answered }) {
  /** @type {{contactId: string, element: HTMLElement}|null} */
  let current = null;

  /** @param {string} name @param {string} value @param {string} label Message id. */
  const choice = (name, value, label) =>
    h("label", { class: "choice" }, h("input", { type: "radio", name, value, required: name === "rating" }), words(t, label));

  /** @param {string} contactId */
  function make(contactId) {
    const whatWentWrong = h(
      "fieldset",
      { hidden: true },
      h("legend", { "data-msg": "survey.problem" }, t("survey.problem")),
      ...PROBLEMS.map((one) => choice("problem", one, `survey.problem.${one}`)),
    );
    const comment = h("textarea", { id: "survey-comment", name: "comment", rows: 2, maxlength: COMMENT_MAX_CHARACTERS });
    const failure = h("p", { class: "field-problem", role: "alert", "data-msg": "survey.error" });
    const form = h(
      "form",
      { "aria-labelledby": "survey-title" },
      h(
        "fieldset",
        { class: "ratings" },
        h("legend", { id: "survey-title", "data-msg": "survey.title" }, t("survey.title")),
        ...RATINGS.map((one) => choice("rating", String(one), `survey.rating.${one}`)),
      ),
      whatWentWrong,
      field({ label: words(t, "survey.comment"), control: comment }),
      failure,
      h(
        "div",
        { class: "actions" },
        h("button", { class: "button button-secondary" }, words(t, "action.send")),
        h("button", { type: "button", class: "button button-quiet", onclick: () => element.replaceChildren() }, words(t, "action.skip")),
      ),
    );
    const element = h("section", { class: "survey" }, form);
    form.addEventListener("change", () => {
      const bad = Number(new FormData(form).get("rating") ?? RATINGS.length) <= BAD;
      setAttribute(whatWentWrong, "hidden", !bad);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const given = new FormData(form);
      const rating = Number(given.get("rating"));
      const problem = rating <= BAD ? String(given.get("problem") ?? "") : "";
      void deliver({ rating, technical_problem: problem, comment: comment.value.trim() });
    });

    /** @param {Answer} answer */
    async function deliver(answer) {
      setText(failure, "");
      try {
        await send(contactId, answer);
      } catch (error) {
        // Answered before, in another tab: that answer stands, and there is nothing left to do here.
        if (!(error instanceof ProblemError && error.status === 409)) return setText(failure, t("survey.error"));
      }
      const thanks = h("p", { tabindex: "-1", role: "status", "data-msg": "survey.thanks" }, t("survey.thanks"));
      element.replaceChildren(thanks);
      thanks.focus();
      return answered(answer);
    }
    return element;
  }

  return {
    /** @param {string} contactId @returns {HTMLElement} The same element each time for one call. */
    draw(contactId) {
      if (current?.contactId !== contactId) current = { contactId, element: make(contactId) };
      return current.element;
    },
  };
}
