// @ts-check
/** What moderators have said to whoever writes here: above every form, until it is over or has been read. */
import { bodyOf } from "./composer.js";
import { say, site, text } from "./page.js";
import { send } from "./send.js";

/** @type {Element | null} */
let standing = null;

/** @param {Element} place it comes before */
function put(place) {
  if (!standing || place.previousElementSibling?.matches("[data-standing]")) return;
  place.before(document.importNode(standing, true));
}

/** @param {HTMLFormElement} form */
function dress(form) {
  // Who edits has written already; what stops them is said when they save.
  if (form.elements.namedItem("revision") === null) put(form);
}

/** Shows what there is now, in place of what was there. @param {Element | null} next */
export function show(next) {
  standing = next;
  for (const part of document.querySelectorAll("[data-standing]")) part.remove();
  for (const form of document.querySelectorAll("form[data-composer]")) dress(/** @type {HTMLFormElement} */ (form));
  const list = document.querySelector("section.comments");
  if (list && !document.querySelector("[data-standing]")) put(list);
}

/** A warning was read: it goes, wherever it stands. @param {string} id */
function forget(id) {
  const all = [standing, ...document.querySelectorAll("[data-standing]")].filter((part) => part !== null);
  for (const part of all) {
    part.querySelector(`[data-warning="${CSS.escape(id)}"]`)?.closest(".told")?.remove();
    if (part.querySelector(".told")) continue;
    part.remove();
    if (part === standing) standing = null;
  }
}

/** @param {HTMLFormElement} form */
async function acknowledge(form) {
  const id = form.dataset.warning ?? "";
  const button = form.querySelector("button");
  button?.setAttribute("aria-disabled", "true");
  const outcome = await send("POST", `/api/v1/sites/${encodeURIComponent(site)}/warnings/${id}`, {});
  button?.removeAttribute("aria-disabled");
  if (!outcome.ok) return say(outcome.message);
  const after = form.closest("[data-standing]")?.nextElementSibling;
  forget(id);
  say(text("warningRead"));
  // The button that was pressed is gone.
  if (after instanceof HTMLFormElement && after.matches("[data-composer]")) bodyOf(after).focus();
}

document.addEventListener("aftershow:composer", (event) => dress(/** @type {CustomEvent} */ (event).detail));
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.warning) return;
  event.preventDefault();
  void acknowledge(form);
});
