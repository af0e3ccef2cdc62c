// @ts-check
/** Reply, edit and delete where the comment stands. The links they grow from lead to pages that do the same. */
import { bindComposer } from "./composer.js";
import { arrive } from "./mine.js";
import { drawn, element, loadDocument, nodeOf, reveal, say, text } from "./page.js";
import { send } from "./send.js";

/** Ids of a copied form must not repeat those of its original. @param {HTMLElement} copy @param {string} suffix */
function renameIds(copy, suffix) {
  for (const part of [copy, ...copy.querySelectorAll("[id], [for], [aria-describedby]")]) {
    for (const name of ["id", "for", "aria-describedby"]) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.split(" ").map((id) => `${id}-${suffix}`).join(" "));
    }
  }
}

/** @param {HTMLFormElement} form @param {string} words */
function setLabel(form, words) {
  const label = form.querySelector("[data-label]");
  if (label) label.textContent = words;
}

/** Puts a form in place with a way out of it; focus goes back to where it came from. @param {HTMLFormElement} form @param {HTMLElement} origin */
function open(form, origin) {
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
  form.prepend(element("input", { type: "hidden", name: "parent_id", value: id }));
  form.querySelector("[data-preview]")?.setAttribute("hidden", "");
  for (const problem of form.querySelectorAll("[data-problem]")) problem.setAttribute("hidden", "");
  for (const marked of form.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("body")).value = "";
  renameIds(form, `r${id}`);
  const name = node.querySelector(":scope > .comment .name")?.textContent?.trim();
  setLabel(form, name ? text("replyTo", { name }) : text("reply"));
  const { box, close } = open(form, link);
  node.querySelector(":scope > .comment")?.after(box);
  bindComposer(form, (comment) => { close(false); void arrive(comment); });
  reveal(/** @type {HTMLElement} */ (form.elements.namedItem("body")), form);
  return true;
}

/** @param {string} href */
async function editForm(href) {
  const form = (await loadDocument(href, { cache: "no-store" })).querySelector("form[data-composer]");
  if (!form) throw new Error("not editable");
  return /** @type {HTMLFormElement} */ (document.importNode(form, true));
}

/** @param {HTMLElement} node @param {HTMLAnchorElement} link */
async function edit(node, link) {
  const article = /** @type {HTMLElement} */ (node.querySelector(":scope > .comment"));
  if (node.querySelector(":scope > .comment > .inline")) return;
  const form = await editForm(link.href);
  form.dataset.comment = node.dataset.comment;
  renameIds(form, `e${node.dataset.comment}`);
  setLabel(form, text("edit"));
  const covered = [...article.querySelectorAll(":scope > .body, :scope > .acts")];
  const { box, close } = open(form, link);
  const show = (/** @type {boolean} */ shown) => covered.forEach((part) => part.toggleAttribute("hidden", !shown));
  show(false);
  article.append(box);
  form.addEventListener("aftershow:closed", () => { show(true); if (link.isConnected) link.focus(); });
  // The other version is on the server: saving again replaces it, knowingly.
  form.addEventListener("aftershow:conflict", async () => {
    const fresh = await editForm(link.href).catch(() => null);
    const revision = fresh?.elements.namedItem("revision");
    const mine = form.elements.namedItem("revision");
    if (revision instanceof HTMLInputElement && mine instanceof HTMLInputElement) mine.value = revision.value;
  });
  bindComposer(form, (comment) => { close(false); void arrive(comment, "saved"); });
  reveal(/** @type {HTMLElement} */ (form.elements.namedItem("body")), form);
}

/** @param {HTMLElement} node */
function entomb(node) {
  const article = node.querySelector(":scope > .comment");
  const stone = element("article", { class: "comment gone", tabindex: "-1" }, element("p", { class: "tombstone" }, text("tombstone")));
  article?.replaceWith(stone);
  drawn(node);
  stone.focus({ preventScroll: true });
  say(text("gone"));
}

/** @param {HTMLElement} node @param {HTMLElement} link */
function askDelete(node, link) {
  const acts = link.closest(".acts");
  if (!acts || acts.nextElementSibling?.matches(".confirm")) return;
  const yes = element("button", { class: "button danger", type: "button" }, text("delete"));
  const no = element("button", { class: "button", type: "button" }, text("keep"));
  const problem = element("p", { class: "problem", hidden: "" });
  const box = element("div", { class: "confirm", role: "group", "aria-label": text("confirm") }, element("span", {}, text("confirm")), yes, no, problem);
  const close = () => { box.remove(); link.focus(); };
  no.addEventListener("click", close);
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  yes.addEventListener("click", async () => {
    yes.setAttribute("aria-disabled", "true");
    const outcome = await send("DELETE", `/api/v1/comments/${node.dataset.comment}`, null);
    if (outcome.ok) return entomb(node);
    yes.removeAttribute("aria-disabled");
    problem.textContent = outcome.message;
    problem.hidden = false;
    say(outcome.message);
  });
  acts.after(box);
  no.focus();
}

/** A plain click, not one that asks for a new tab. @param {MouseEvent} event */
const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** Binds the actions below comments. */
export function bindActions() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-act]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || !plain(event)) return;
    const node = /** @type {HTMLElement | null} */ (link.closest("li[data-comment]"));
    if (!node || !nodeOf(node.dataset.comment ?? "")) return;
    if (link.dataset.act === "reply" && reply(node, link)) event.preventDefault();
    if (link.dataset.act === "delete") { event.preventDefault(); askDelete(node, link); }
    if (link.dataset.act === "edit") {
      event.preventDefault();
      // Its page says why it cannot be edited any more.
      edit(node, link).catch(() => { location.assign(link.href); });
    }
  });
}
