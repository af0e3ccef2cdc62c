// @ts-check
/** Edit and delete where one's own comment stands; loaded when somebody does. */
import { bindComposer } from "./composer.js";
import { open, renameIds, setLabel } from "./inline.js";
import { arrive } from "./mine.js";
import { drawn, element, loadDocument, reveal, say, text } from "./page.js";
import { send } from "./send.js";

/** @param {string} href */
async function editForm(href) {
  const form = (await loadDocument(href, { cache: "no-store" })).querySelector("form[data-composer]");
  if (!form) throw new Error("not editable");
  return /** @type {HTMLFormElement} */ (document.importNode(form, true));
}

/** @param {HTMLElement} node @param {HTMLAnchorElement} link */
export async function edit(node, link) {
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
export function askDelete(node, link) {
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
