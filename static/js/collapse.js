// @ts-check
/** Replies can be folded away. Remembered for this tab, and only once it was used. */
import { element, lang, session, text } from "./page.js";

const KEY = "aftershow.folded";
/** @returns {Set<string>} */
function read() {
  try { return new Set(JSON.parse(session.get(KEY) ?? "[]")); } catch { return new Set(); }
}
const folded = read();

/** @param {HTMLElement} node @param {HTMLElement} button @param {boolean} closed */
function fold(node, button, closed) {
  for (const part of node.querySelectorAll(":scope > .replies, :scope > .more")) part.toggleAttribute("hidden", closed);
  button.setAttribute("aria-expanded", String(!closed));
  const count = node.querySelectorAll(".replies .node").length;
  button.textContent = closed ? text("show", { count }) : new Intl.NumberFormat(lang).format(count);
  button.setAttribute("aria-label", text(closed ? "show" : "hide", { count }));
}

/** @param {HTMLElement} node */
function bindNode(node) {
  const article = node.querySelector(":scope > .comment");
  if (!article || !node.querySelector(":scope > .replies > .node")) return;
  const already = article.querySelector(":scope > .acts > [data-fold]");
  if (already instanceof HTMLElement) return fold(node, already, folded.has(node.dataset.comment ?? ""));
  const acts = article.querySelector(":scope > .acts") ?? article.appendChild(element("div", { class: "acts" }));
  const button = element("button", { class: "act fold", type: "button", "data-fold": "", "aria-describedby": `by${node.dataset.comment}` });
  acts.append(button);
  fold(node, button, folded.has(node.dataset.comment ?? ""));
}

/** @param {ParentNode & Node} root */
function draw(root) {
  for (let above = root instanceof Element ? root.closest("li[data-comment]") : null; above; above = above.parentElement?.closest("li[data-comment]") ?? null) {
    bindNode(/** @type {HTMLElement} */ (above));
  }
  for (const node of root.querySelectorAll("li[data-comment]")) bindNode(/** @type {HTMLElement} */ (node));
}

/** @param {HTMLElement} button */
function toggle(button) {
  const node = /** @type {HTMLElement | null} */ (button.closest("li[data-comment]"));
  const id = node?.dataset.comment;
  if (!node || !id) return;
  if (!folded.delete(id)) folded.add(id);
  session.set(KEY, JSON.stringify([...folded]));
  fold(node, button, folded.has(id));
}

/** Opens everything around the comment the address points at. */
function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let above = target && target.parentElement?.closest("li[data-comment]"); above; above = above.parentElement?.closest("li[data-comment]")) {
    folded.delete(/** @type {HTMLElement} */ (above).dataset.comment ?? "");
  }
}

/** Adds "hide replies" to comments that have some. */
export function bindCollapse() {
  openTarget();
  draw(document);
  document.addEventListener("aftershow:drawn", (event) => draw(/** @type {CustomEvent} */ (event).detail));
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-fold]") : null;
    if (button instanceof HTMLElement) toggle(button);
  });
}
