// @ts-check
/** Reply, quote, edit, delete and report where the comment stands. The links they grow from lead to pages that do the same. */
import { bindComposer } from "./composer.js";
import { element, nodeOf, reveal, text, thread } from "./page.js";

/** Ids of a copied form must not repeat those of its original. @param {HTMLElement} copy @param {string} suffix */
export function renameIds(copy, suffix) {
  for (const part of [copy, ...copy.querySelectorAll("[id], [for], [aria-describedby]")]) {
    for (const name of ["id", "for", "aria-describedby"]) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.split(" ").map((id) => `${id}-${suffix}`).join(" "));
    }
  }
}

/** @param {HTMLFormElement} form @param {string} words */
export function setLabel(form, words) {
  const label = form.querySelector("[data-label]");
  if (label) label.textContent = words;
}

/** Puts a form in place with a way out of it; focus goes back to where it came from. @param {HTMLFormElement} form @param {HTMLElement} origin */
export function open(form, origin) {
  const box = element("div", { class: "inline" }, form);
  const cancel = element("button", { class: "button quiet", type: "button" }, text("cancel"));
  form.querySelector(".end")?.prepend(cancel);
  const close = (/** @type {boolean} */ back) => {
    box.remove();
    if (back && origin.isConnected) origin.focus();
    form.dispatchEvent(new CustomEvent("aftershow:closed"));
  };
  cancel.addEventListener("click", () => close(true));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    close(true);
  });
  return { box, close };
}

/** A copy of the page's composer. @returns {HTMLFormElement | null} */
function copyComposer() {
  const source = document.querySelector("template[data-composer-source]");
  const root = source instanceof HTMLTemplateElement ? source.content : document;
  const found = root.querySelector("form[data-composer]");
  return found ? /** @type {HTMLFormElement} */ (document.importNode(found, true)) : null;
}

/** @param {HTMLElement} node @param {HTMLElement} link @returns {boolean} whether a form is open now */
function reply(node, link) {
  const id = node.dataset.comment ?? "";
  const already = node.querySelector(":scope > .inline textarea");
  if (already instanceof HTMLElement) { already.focus(); return true; }
  const form = copyComposer();
  if (!form) return false;
  form.querySelector('[name="parent_id"]')?.remove();
  form.querySelector(".scope")?.remove();
  form.prepend(element("input", { type: "hidden", name: "parent_id", value: id }));
  form.querySelector("[data-preview]")?.setAttribute("hidden", "");
  for (const problem of form.querySelectorAll("[data-problem]")) problem.setAttribute("hidden", "");
  for (const marked of form.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("body")).value = "";
  renameIds(form, `r${id}`);
  const name = node.querySelector(":scope > .comment .name bdi")?.textContent?.trim();
  setLabel(form, name ? text("replyTo", { name }) : text("reply"));
  const { box, close } = open(form, link);
  node.querySelector(":scope > .comment")?.after(box);
  if (node.querySelector(":scope > .comment .sp")) void import("./answer.js").then(({ addChip }) => addChip(form, node));
  bindComposer(form, (comment) => { close(false); void import("./mine.js").then(({ arrive }) => arrive(comment)); });
  reveal(/** @type {HTMLElement} */ (form.elements.namedItem("body")), form);
  return true;
}

/** A plain click, not one that asks for a new tab. @param {MouseEvent} event */
const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** @param {HTMLElement} node @param {HTMLElement} button */
async function quote(node, button) {
  const chosen = getSelection();
  const range = chosen?.rangeCount ? chosen.getRangeAt(0).cloneRange() : null;
  if (reply(node, button)) (await import("./answer.js")).quote(node, range);
}

/** Only scripts can quote. @param {ParentNode} root */
function addQuote(root) {
  if (thread?.hasAttribute("data-closed")) return;
  for (const link of root.querySelectorAll('[data-act="reply"]:not(:has(+ [data-act="quote"]))')) {
    link.after(element("button", { class: "act", type: "button", "data-act": "quote", "aria-describedby": link.getAttribute("aria-describedby") ?? "" }, text("quote")));
  }
}

/** Binds the actions below comments. */
export function bindActions() {
  addQuote(document);
  document.addEventListener("aftershow:drawn", (event) => addQuote(/** @type {CustomEvent} */ (event).detail));
  // What is selected stays so.
  document.addEventListener("mousedown", (event) => { if (event.target instanceof Element && event.target.closest('[data-act="quote"]')) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    if (!(link instanceof HTMLElement) || event.defaultPrevented || !plain(event)) return;
    const node = /** @type {HTMLElement | null} */ (link.closest("li[data-comment]"));
    if (!node || !nodeOf(node.dataset.comment ?? "")) return;
    if (link.dataset.act === "reply" && reply(node, link)) event.preventDefault();
    if (link.dataset.act === "quote") void quote(node, link);
    if (!(link instanceof HTMLAnchorElement) || !["delete", "edit", "report"].includes(link.dataset.act ?? "")) return;
    event.preventDefault();
    const done = link.dataset.act === "report" ? import("./report.js").then(({ report }) => report(node, link))
      : import("./own.js").then((own) => link.dataset.act === "edit" ? own.edit(node, link) : own.askDelete(node, link));
    // Its page says why it cannot be done any more.
    done.catch(() => { location.assign(link.href); });
  });
}
