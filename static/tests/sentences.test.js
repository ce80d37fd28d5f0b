/** No module says anything to people in words of its own: sentences come from tables, by their ids. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import ts from "typescript";

const SOURCES = new URL("../src/", import.meta.url);
const SPOKEN_ATTRIBUTES = new Set(["aria-label", "aria-description", "title", "placeholder", "alt"]);
const SPOKEN_PROPERTIES = new Set(["textContent", "innerText", "innerHTML", "title", "ariaLabel", "placeholder", "alt"]);
/** Functions that show arguments from this one on. */
const SHOWING = new Map([["h", 2], ["element", 2], ["setText", 1], ["createTextNode", 0]]);

const { PlusToken, BarBarToken, QuestionQuestionToken, AmpersandAmpersandToken } = ts.SyntaxKind;
const JOINING = new Set([PlusToken, BarBarToken, QuestionQuestionToken, AmpersandAmpersandToken]);

/** @param {ts.Expression} node @returns {string} */
const nameOf = (node) =>
  ts.isIdentifier(node) ? node.text : ts.isPropertyAccessExpression(node) ? node.name.text : "";

/**
 * @param {ts.Node|undefined} node
 * @returns {string[]} The texts that an expression may have the value of, as far as they stand in the source.
 */
function textsOf(node) {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isBinaryExpression(node) && JOINING.has(node.operatorToken.kind)) return [node.left, node.right].flatMap(textsOf);
  return [];
}

/** @param {ts.Node} node @returns {string[]} What this one place of the source shows. */
function shownBy(node) {
  if (ts.isCallExpression(node)) {
    const from = SHOWING.get(nameOf(node.expression));
    if (from !== undefined) return node.arguments.slice(from).flatMap(textsOf);
    const [attribute, value] = node.arguments.slice(-2);
    const sets = nameOf(node.expression) === "setAttribute" && attribute && ts.isStringLiteral(attribute);
    return sets && SPOKEN_ATTRIBUTES.has(attribute.text) ? textsOf(value) : [];
  }
  if (ts.isPropertyAssignment(node) && (ts.isStringLiteral(node.name) || ts.isIdentifier(node.name))) {
    return SPOKEN_ATTRIBUTES.has(node.name.text) ? textsOf(node.initializer) : [];
  }
  const assigns = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  const shows = assigns && ts.isPropertyAccessExpression(node.left) && SPOKEN_PROPERTIES.has(node.left.name.text);
  return shows ? textsOf(node.right) : [];
}

/** @param {string} name @param {string} text @returns {string[]} */
function rawWords(name, text) {
  /** @type {string[]} */
  const found = [];
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @param {ts.Node} node */
  function look(node) {
    for (const shown of shownBy(node)) if (/\p{L}{2}/u.test(shown)) found.push(`${name}: ${shown}`);
    ts.forEachChild(node, look);
  }
  look(source);
  return found;
}

test("words are found wherever they would be shown", () => {
  const shown = [
    'h("p", {}, "Hello")', 'h("p", {}, ok ? t("a.b") : `Hi ${name}`)', 'setText(part, "Hello")', 'part.textContent = "Hello"',
    'h("img", { alt: "Hello" })', 'setAttribute(part, "aria-label", "Hello")', 'document.title = "A call"',
    'part.setAttribute("title", "Hello")',
  ];
  for (const source of shown) assert.equal(rawWords("one.js", source).length, 1, source);
  const silent = 'h("p", { class: "note" }, t("a.b"), ": ", name); throw new Error("Not a frame"); setText(part, t("a.b"));';
  assert.deepEqual(rawWords("one.js", silent), []);
});

test("no module shows words of its own", () => {
  const modules = readdirSync(SOURCES).filter((name) => name.endsWith(".js"));

  assert.ok(modules.length > 50);
  assert.deepEqual(modules.flatMap((name) => rawWords(name, readFileSync(new URL(name, SOURCES), "utf8"))), []);
});
