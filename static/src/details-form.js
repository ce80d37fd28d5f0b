/**
 * The form before a call: who calls, what about, what the entry point asks besides, and what the
 * customer has to agree to. What is wrong is told beside each field. Draws and reads; decides nothing.
 *
 * @typedef {import("./types.js").CallDetails} CallDetails
 * @typedef {import("./types.js").CustomField} CustomField
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./screens.js").ScreenView} ScreenView
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { h } from "./dom.js";
import { field, tick, words } from "./fields.js";
import { button, heading } from "./parts.js";

/** @param {Translate} t @param {ScreenView} view @returns {Node[]} */
export function drawDetails(t, view) {
  const { page, details } = view;
  const required = page.entry_point.name_required;
  return [
    heading(t, "details.title"),
    h(
      "form",
      { class: "form", novalidate: true },
      field({
        label: words(t, required ? "details.name" : "details.name_optional"),
        problem: problemOf(t, view, "/name"),
        note: view.nameIsSigned ? words(t, "details.name.signed") : undefined,
        control: h("input", {
          id: "call-name",
          name: "name",
          autocomplete: "name",
          value: details.name,
          readonly: view.nameIsSigned === true,
          maxlength: page.limits.name,
          required,
        }),
      }),
      ...(page.guest ? [] : drawQuestions(t, view)),
      h("p", { class: "note", "data-msg": "details.consent" }, t("details.consent")),
      ...drawConsent(t, view),
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          { type: "submit", class: "button button-primary", "data-action": "continue" },
          words(t, "action.continue"),
        ),
        button(t, "back", "action.back", "quiet"),
      ),
    ),
  ];
}

/** What only the customer is asked: a guest comes into a call that has its subject. @param {Translate} t @param {ScreenView} view */
const drawQuestions = (t, view) => [
  ...view.page.entry_point.custom_fields.map((one) => drawQuestion(t, view, one)),
  field({
    label: words(t, "details.description"),
    problem: problemOf(t, view, "/description"),
    control: h(
      "textarea",
      { id: "call-description", name: "description", rows: 2, maxlength: view.page.limits.description },
      view.details.description,
    ),
  }),
];

/** @param {FormData} form @param {PageData} page @returns {CallDetails} */
export function detailsIn(form, { entry_point: { custom_fields: questions, consent } }) {
  const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
  const answers = questions.map(({ key }) => [key, text(nameOf(key))]).filter(([, answer]) => answer);
  return {
    name: text("name"),
    description: text("description"),
    answers: Object.fromEntries(answers),
    consent: form.get("consent") ? (consent?.version ?? null) : null,
  };
}

/** @param {string} key @returns {string} So that no question takes the place of another field. */
const nameOf = (key) => `answer.${key}`;

/** @param {Translate} t @param {ScreenView} view @param {CustomField} question */
function drawQuestion(t, view, { key, label, kind, required, choices }) {
  const answer = view.details.answers[key] ?? "";
  const common = { id: `call-answer-${key}`, name: nameOf(key), required: required === true };
  const text = required ? label : t("details.optional", { label });
  return field({
    label: document.createTextNode(text),
    problem: problemOf(t, view, `/attributes/${key}`),
    control: drawAnswer(t, { ...common, maxlength: view.page.limits.answer }, { kind, answer, choices }),
  });
}

/**
 * @param {Translate} t
 * @param {{id: string, name: string, required: boolean, maxlength: number}} common
 * @param {{kind: CustomField["kind"], answer: string, choices?: string[]}} question
 */
function drawAnswer(t, { maxlength, ...common }, { kind, answer, choices = [] }) {
  if (kind === "multiline") return h("textarea", { ...common, maxlength, rows: 3 }, answer);
  if (kind === "text") return h("input", { ...common, maxlength, value: answer });
  return h(
    "select",
    common,
    h("option", { value: "" }, t("details.choose")),
    ...choices.map((choice) => h("option", { value: choice, selected: choice === answer }, choice)),
  );
}

/** @param {Translate} t @param {ScreenView} view @returns {Node[]} */
function drawConsent(t, view) {
  const { consent, company } = view.page.entry_point;
  if (consent === null) return [];
  const told = h(
    "div",
    { class: "consent", id: "call-consent-text", tabindex: "0", role: "region", "aria-label": t("details.title") },
    consent.recording && h("p", { "data-msg": "details.recording" }, t("details.recording", { company })),
    consent.text && h("p", { class: "consent-text" }, consent.text),
  );
  if (view.page.guest) return [told];
  return [
    told,
    tick({
      label: words(t, "details.consent.agree"),
      problem: problemOf(t, view, "/consent"),
      describedBy: "call-consent-text",
      control: h("input", {
        id: "call-consent",
        name: "consent",
        type: "checkbox",
        required: true,
        checked: view.details.consent === consent.version,
      }),
    }),
  ];
}

/** Sentences for what is missing; whatever else is wrong the portal says in its own words. */
const MISSING = /** @type {Record<string, string>} */ ({
  "/name": "details.name.missing",
  "/consent": "details.consent.missing",
});

/** @type {Record<string, string>} By code. */
const PROBLEMS = { outdated: "details.consent.changed", too_long: "details.answer.long" };

/** @param {Translate} t @param {ScreenView} view @param {string} pointer */
function problemOf(t, { model }, pointer) {
  const problem = model.fieldProblems.find((one) => one.pointer === pointer);
  if (!problem) return undefined;
  if (problem.code === "required") return t(MISSING[pointer] ?? "details.answer.missing");
  return t(PROBLEMS[problem.code] ?? "details.answer.wrong");
}
