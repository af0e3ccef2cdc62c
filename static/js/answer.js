// @ts-check
/** What an answer takes from its comment: what it may discuss, and a quote. */
import { bodyOf, insert } from "./composer.js";
import { element, text } from "./page.js";

/** An answer may discuss what the comment may, unless its writer says that it gives nothing away. @param {HTMLFormElement} form @param {HTMLElement} node */
export function addChip(form, node) {
  const covers = [...node.querySelectorAll(":scope > .comment > .body .sp:not(.sp .sp):not([data-scope=''])")];
  if (!covers.length) return;
  const labels = new Set(covers.flatMap((cover) => cover.querySelector("bdi")?.textContent?.split(" + ") ?? []));
  const [before, after] = text("mayDiscuss").split("{label}");
  form.querySelector(".who, .bar")?.before(element("p", { class: "scope" },
    element("input", { type: "hidden", name: "scope", value: "none" }),
    element("label", { class: "chip" }, element("input", { type: "checkbox", name: "scope", value: "", checked: "" }),
      element("span", {}, before, element("bdi", {}, [...labels].join(" + ") || text("spoilers")), after))));
}

/** Covered words as they are written: several paragraphs, or words with bars in them, as a block. @param {string} label @param {string} words */
export function labelled(label, words) {
  if (/\n\s*\n|\|\|/.test(words)) return `:::spoiler ${label}`.trimEnd() + `\n${words}\n:::`;
  return `${label && `[${label}]`}||${words}||`;
}

/** What would open or close a spoiler, a code span or an emphasis, if it stood there unescaped. */
const SIGNS = /\|\||>!|!<|~!|!~|:::|\[\/?spoiler|<\/?spoiler|[\\`*]/gi;

function covered(cover, inner) {
  // A part of a cover that was selected without its label: the label is on the page.
  const whole = cover.getAttribute("data-sp") ? document.querySelector(`.sp[data-sp="${CSS.escape(cover.getAttribute("data-sp") ?? "")}"]`) : cover;
  if (!inner.trim() || !cover.getAttribute("data-scope")) return inner;
  return labelled(whole?.querySelector("bdi")?.textContent ?? "", inner.trim());
}

function write(node) {
  if (node instanceof Text) return node.data.replace(/\s+/g, " ").replace(SIGNS, "\\$&");
  if (node instanceof Element) {
    if (node.matches("button, blockquote, figure, .sp-extra, .sp-label, [hidden]")) return "";
    if (node.matches("br")) return "\n";
    if (node.matches("pre")) return `\`\`\`\n${node.textContent?.trimEnd()}\n\`\`\`\n\n`;
    if (node.matches("code")) return `\`${node.textContent}\``;
  }
  const inner = [...node.childNodes].map(write).join("");
  if (!(node instanceof Element)) return inner;
  if (node.matches(".sp")) return covered(node, inner) + (node.matches("div") ? "\n\n" : "");
  if (node.matches("li")) return `- ${inner.trim()}\n`;
  return node.matches("p, ul, ol, h4, h5, h6") ? `${inner.trim()}\n\n` : inner;
}

/** The chosen part of a comment's text, or all of it. */
function chosen(body, range) {
  if (!range || range.collapsed || !range.intersectsNode(body)) return write(body);
  // A selected paragraph reaches to the beginning of what comes next.
  if (!body.contains(range.startContainer)) range.setStart(body, 0);
  if (!body.contains(range.endContainer)) range.setEnd(body, body.childNodes.length);
  let found = write(range.cloneContents());
  const inside = range.commonAncestorContainer;
  for (let at = (inside instanceof Element ? inside : inside.parentElement)?.closest(".sp"); at; at = at.parentElement?.closest(".sp")) found = covered(at, found);
  return found;
}

/** Puts a quote into the answer below a comment: covered text stays out, uncovered text goes behind a cover of its own. @param {HTMLElement} node @param {Range | null} range what is selected */
export function quote(node, range) {
  const form = node.querySelector(":scope > .inline form");
  const body = node.querySelector(":scope > .comment > .body");
  if (!(form instanceof HTMLFormElement) || !body) return;
  const words = chosen(body, range).trim().replace(/\n{3,}/g, "\n\n");
  if (!words) return;
  const name = node.querySelector(":scope > .comment .name bdi")?.textContent?.trim();
  const area = bodyOf(form);
  const fresh = area.selectionStart > 0 && area.value[area.selectionStart - 1] !== "\n" ? "\n\n" : "";
  const lines = [`@${name}#c${node.dataset.comment}`, ...words.split("\n")];
  insert(area, `${fresh}${lines.map((line) => `> ${line}`.trimEnd()).join("\n")}\n\n`);
}
