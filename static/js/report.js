// @ts-check
/** Report a comment where it stands; loaded when somebody does. The server draws the form, and what became of it. */
import { open } from "./inline.js";
import { bearer, element, loadDocument, reveal, say, text } from "./page.js";

/** How long an answer may take before the form is handed back to be sent again, in milliseconds. */
const PATIENCE = 20_000;

/** The part of a page that this is about. @param {Document} page */
function part(page) {
  const found = page.querySelector("[data-report]");
  if (!found) throw new Error("nothing to report");
  return /** @type {HTMLElement} */ (document.importNode(found, true));
}

/** What the server answers: the form again with what is wrong, or what became of it. @param {HTMLFormElement} form */
async function sent(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "text/html", ...bearer() },
    body: new URLSearchParams(/** @type {any} */ (new FormData(form))),
    signal: AbortSignal.timeout(PATIENCE),
  });
  return part(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

/** Says in the form what went wrong; nothing that was typed is lost. @param {HTMLFormElement} form @param {string} words */
function complain(form, words) {
  form.querySelector(".problem")?.remove();
  form.prepend(element("p", { class: "problem" }, words));
  say(words);
}

/** @param {HTMLElement} node @param {HTMLAnchorElement} link */
export async function report(node, link) {
  const article = /** @type {HTMLElement} */ (node.querySelector(":scope > .comment"));
  article.querySelector(":scope > [data-done]")?.remove();
  const already = article.querySelector(":scope > .inline [data-report] input");
  if (already instanceof HTMLElement) { already.focus(); return; }
  const drawn = part(await loadDocument(link.href, { cache: "no-store" }));
  if (!(drawn instanceof HTMLFormElement)) throw new Error("not a form");
  place(article, link, drawn);
}

/** @param {HTMLElement} article @param {HTMLAnchorElement} link @param {HTMLFormElement} form */
function place(article, link, form) {
  const { box, close } = open(form, link);
  article.append(box);
  const problem = form.querySelector(".problem");
  if (problem) say(problem.textContent ?? "");
  const first = form.querySelector("[aria-invalid]:not(fieldset)") ?? form.querySelector("input:checked") ?? form.querySelector('[type="radio"]');
  reveal(/** @type {HTMLElement} */ (first), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const press = form.querySelector(".primary");
    if (press?.getAttribute("aria-disabled")) return;
    press?.setAttribute("aria-disabled", "true");
    if (!navigator.onLine) complain(form, text("offline"));
    else {
      try {
        const answer = await sent(form);
        close(false);
        if (answer instanceof HTMLFormElement) return place(article, link, answer);
        article.append(answer);
        return reveal(answer);
      } catch { complain(form, text("unreachable")); }
    }
    press?.removeAttribute("aria-disabled");
  });
}
