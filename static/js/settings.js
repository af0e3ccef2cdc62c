// @ts-check
/** How far somebody is, in the settings: what this browser knows joins what the account knows; where both differ it is asked. */
import { mergeProgress, settle, silently } from "./mind.js";
import { button, element, loadDocument, say, text } from "./page.js";
import { setState, works } from "./progress.js";

const me = JSON.parse(document.querySelector("[data-me]")?.getAttribute("data-me") ?? '{"account":null}');
const box = document.querySelector("[data-merge]");
/** Works about which both say different things, and have not been asked about yet. @type {Set<string>} */
const open = new Set();

/** @param {import("./mind.js").Said} said */
const inWords = (said) => said.s === "at" ? said.u || text("finished") : text(said.s === "none" ? "notStarted" : "dontMind");

/** @param {HTMLSelectElement} select */
const isAnother = (select) => select.selectedIndex !== Math.max([...select.options].findIndex((o) => o.defaultSelected), 0);

/** Whether somebody is about to change something in there. @param {Element} list */
const inUse = (list) => list.contains(document.activeElement) || [...list.querySelectorAll("select")].some(isAnother);

/** The page is drawn by the server: its lists are fetched anew, but for one where something is chosen and not saved. */
async function refresh() {
  const fresh = await loadDocument(location.href);
  for (const name of ["[data-works]", "[data-rules]"]) {
    const [old, made] = [document.querySelector(name), fresh.querySelector(name)];
    if (old && made && !inUse(old)) old.replaceWith(document.adoptNode(made));
  }
}

/** @param {import("./mind.js").Conflict} conflict */
function ask(conflict) {
  const { id, here, there } = conflict;
  open.add(id);
  const title = works[id].title;
  const answer = async (/** @type {boolean} */ ours) => {
    if (!await settle(conflict, ours)) return say(text("unreachable"));
    open.delete(id);
    const next = /** @type {HTMLElement | null} */ (group.nextElementSibling ?? group.previousElementSibling);
    group.remove();
    if (box instanceof HTMLElement) box.hidden = !open.size;
    (next?.querySelector("button") ?? /** @type {HTMLElement | null} */ (document.querySelector("main")))?.focus();
    say(text("settled"));
    await refresh().catch(() => { /* the next look at the page shows it */ });
  };
  const group = element("div", { role: "group", "aria-label": title },
    element("p", {}, element("b", {}, element("bdi", {}, title)), " ", text("conflict", { here: inWords(here), there: inWords(there) })),
    element("p", { class: "choices" }, button(text("here"), () => void answer(true)), button(text("there"), () => void answer(false))));
  return group;
}

// What is chosen here is the word of both.
document.addEventListener("submit", ({ target }) => {
  if (!(target instanceof HTMLFormElement)) return;
  const id = target.closest("[data-work]")?.getAttribute("data-work");
  const chosen = new FormData(target).get("state");
  if (!id || typeof chosen !== "string" || !open.has(id)) return;
  const [s, u] = chosen.startsWith("at:") ? ["at", chosen.slice(3)] : [chosen, ""];
  silently(() => setState(id, s ? { s, ...(s === "at" && { u }) } : null));
});

const { conflicts, learned } = await mergeProgress(me);
if (box instanceof HTMLElement && conflicts.length) {
  box.className = "asked";
  box.append(element("h2", {}, text("conflicts")), ...conflicts.map(ask));
  box.hidden = false;
}
if (learned) {
  await refresh().catch(() => { /* the next look at the page shows it */ });
  say(text("merged"));
}
