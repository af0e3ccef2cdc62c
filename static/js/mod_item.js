// @ts-check
/**
 * Items and verdicts of the console: without scripts every item is a page and every verdict a form. Here they are fetched
 * and put in their places; what happens is decided, and drawn, by the server.
 */
import { hold, look } from "./mod_live.js";
import { say, text } from "./page.js";

/** How long an answer may take before it is given up, in milliseconds. */
const PATIENCE = 20_000;
/** Counts the requests for items: only the last one asked for is shown. */
let asked = 0;
/** What was sent and is not answered yet. */
let sending = 0;

/** @param {string} name @param {ParentNode} [root] @returns {HTMLElement | null} */
const region = (name, root = document) => root.querySelector(`[data-region="${name}"]`);
/** @returns {HTMLAnchorElement[]} */
export const entries = () => [...document.querySelectorAll(".mod-list a.entry")].map((one) => /** @type {HTMLAnchorElement} */ (one));
/** The entry whose item is open. */
export const current = () => /** @type {HTMLAnchorElement | undefined} */ (entries().find((one) => one.hasAttribute("aria-current")));
/** @returns {HTMLElement | null} */
export const item = () => document.querySelector(".mod-item[data-item]");
/** Whether a verdict is on its way: what comes next is not known yet. */
export const isSending = () => sending > 0;
/** Whether the item that is shown is the one that is marked in the list. */
export function isShown() {
  const link = current();
  return !isLoading() && (!link || link.dataset.id === item()?.dataset.item);
}
/** Whether an item is on its way: the one before it is still shown. */
export const isLoading = () => !!region("item")?.hasAttribute("aria-busy");
const isWide = () => matchMedia("(width >= 60rem)").matches;

/** Puts parts of another drawing of the page in the place of these. @param {Document} drawn @param {string[]} names */
function take(drawn, names) {
  for (const name of names) {
    const [old, made] = [region(name), region(name, drawn)];
    if (!old || !made) continue;
    // People hear of what was done only if the region stays.
    if (name === "done") old.replaceChildren(...[...made.childNodes].map((node) => document.adoptNode(node)));
    else old.replaceWith(document.adoptNode(made));
  }
  document.dispatchEvent(new CustomEvent("aftershow:drawn", { detail: document }));
}

/** @param {string} href @param {RequestInit} [options] @returns {Promise<{ drawn: Document, answer: Response } | null>} */
async function ask(href, options) {
  try {
    const answer = await fetch(href, { credentials: "same-origin", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE), ...options });
    // A form comes back to who is not signed in any more, with what they typed: that stands here still.
    if (answer.status === 401 || new URL(answer.url).pathname.startsWith("/auth")) { tell("signInAgain"); return null; }
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!drawn.querySelector("main[data-mod]")) {
      const wait = Number(answer.headers.get("Retry-After"));
      tell(answer.status === 429 ? "limited" : "failed", { seconds: wait > 0 ? wait : 60 });
      return null;
    }
    return { drawn, answer };
  } catch {
    tell(navigator.onLine ? "unreachable" : "offline");
    return null;
  }
}

/** Says what stood in the way, where what was done would be said. @param {string} key @param {Record<string, number>} [values] */
export function tell(key, values) {
  complain(text(key, values));
}

/** @param {string} sentence */
function complain(sentence) {
  const place = region("done");
  const line = document.createElement("p");
  line.className = "problem";
  line.textContent = sentence;
  place?.replaceChildren(line);
}

/**
 * Puts an address into the bar: in the place of the one before it, or (`step`) as one to go back from.
 * @param {string} href @param {{ step?: boolean }} [options]
 */
function remember(href, { step = false } = {}) {
  const address = new URL(href, location.href);
  for (const name of ["part", "next", "done", "batch", "left", "undone"]) address.searchParams.delete(name);
  if (step) history.pushState({ opened: true }, "", address);
  else history.replaceState(history.state, "", address);
}

/** The list and its item; where they share a narrow screen, one of both is shown. */
const two = () => document.querySelector(".mod-two");
/** Whether an item has taken the place of its list. */
const isOpen = () => !!two()?.hasAttribute("data-open") && !isWide();
/** Whether the list is one step back. */
const isStep = () => !!history.state?.opened;

/** Gives up what is on its way: what is shown now is what was asked for last. */
function giveUp() {
  asked++;
  document.dispatchEvent(new CustomEvent("aftershow:given-up"));
  region("item")?.removeAttribute("aria-busy");
}

/** Shows the list again, where an item has taken its place. @param {string} [href] its address, unless that is there */
function close(href) {
  giveUp();
  two()?.removeAttribute("data-open");
  hold("");
  if (href && isStep()) history.back();
  else if (href) remember(href);
  (current() ?? head())?.focus();
}

/** The heading of the list, made ready to be focused. @returns {HTMLElement | null} */
function head() {
  const found = /** @type {HTMLElement | null} */ (document.querySelector("#list-head"));
  if (found) found.tabIndex = -1;
  return found;
}

/** Back and forward: what the address says is shown. */
function follow() {
  const id = /^\/mod\/c\/(\d+)$/.exec(location.pathname)?.[1];
  if (!two() || isWide() || !!id === isOpen()) return;
  if (!id) { close(); return; }
  if (id !== item()?.dataset.item) { location.reload(); return; }
  two()?.setAttribute("data-open", "");
  hold(id);
  item()?.focus();
}

/** Which entry's item is open. @param {HTMLAnchorElement | undefined} link */
function mark(link) {
  for (const one of entries()) {
    if (one === link) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
  }
}

/** Opens an entry's item. @param {HTMLAnchorElement} link @param {{ focus?: "entry" | "item" }} [options] */
export async function open(link, { focus = "entry" } = {}) {
  const mine = ++asked;
  mark(link);
  if (focus === "entry" && isWide()) {
    link.focus({ preventScroll: true });
    link.closest("li")?.scrollIntoView({ block: "nearest" });
  }
  const address = new URL(link.href);
  address.searchParams.set("part", "item");
  const all = entries();
  const next = all[all.indexOf(link) + 1];
  if (next) address.searchParams.set("next", next.dataset.id ?? "");
  region("item")?.setAttribute("aria-busy", "true");
  const got = await ask(address.href);
  if (mine !== asked) return;
  region("item")?.removeAttribute("aria-busy");
  if (!got) return;
  take(got.drawn, ["item"]);
  settle(link.href);
  if (focus === "item" || !isWide()) item()?.focus();
  document.dispatchEvent(new CustomEvent("aftershow:opened"));
}

/** What follows when an item has been put in place. @param {string} href */
function settle(href) {
  const was = isOpen();
  two()?.toggleAttribute("data-open", !!item());
  document.querySelector(".mod-pane")?.scrollTo(0, 0);
  if (!isWide()) scrollTo(0, 0);
  if (was && !isOpen() && isStep()) history.back();
  else remember(href, { step: isOpen() && !was });
  hold(item()?.dataset.item ?? "");
}

/** Sends a form as it stands; what comes back is put in its place. @param {HTMLFormElement} form @param {HTMLElement | null} submitter */
async function decide(form, submitter) {
  if (form.dataset.busy) return;
  form.dataset.busy = "true";
  submitter?.setAttribute("aria-disabled", "true");
  say(text("deciding"));
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) if (typeof value === "string") body.append(name, value);
  sending++;
  const got = await ask(form.action, { method: "POST", body });
  sending--;
  delete form.dataset.busy;
  submitter?.removeAttribute("aria-disabled");
  if (!got) return;
  say("");
  giveUp();
  if (!got.answer.ok) {
    // What was refused may be about no item: then the one that is open stays.
    const refused = got.drawn.querySelector(".refused");
    if (refused && !got.drawn.querySelector(".mod-item")) { complain(refused.textContent ?? ""); return; }
    take(got.drawn, ["item"]);
    const problem = /** @type {HTMLElement | null} */ (document.querySelector('.mod-item [role="alert"]'));
    if (problem) { problem.tabIndex = -1; problem.focus(); problem.scrollIntoView({ block: "nearest" }); }
    return;
  }
  take(got.drawn, form.hasAttribute("data-reveal") ? ["body"] : ["queues", "list", "item", "done"]);
  if (form.hasAttribute("data-reveal")) { region("body")?.focus(); return; }
  settle(got.answer.url);
  look();
  const link = current();
  if (!link && isWide() && entries().length) { await open(entries()[0]); return; }
  (link && isWide() ? link : item() ?? head())?.focus({ preventScroll: true });
  link?.closest("li")?.scrollIntoView({ block: "nearest" });
}

/** Shows the list anew, or another page of it. @param {string} href */
export async function list(href) {
  const got = await ask(href);
  if (!got) return;
  take(got.drawn, ["queues", "list"]);
  remember(href);
  look();
  const [first] = entries();
  if (first && isWide()) await open(first);
  else (first ?? head())?.focus();
}

/** Takes over the forms and links of the console. */
export function bindItems() {
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.hasAttribute("data-send") && !form.querySelector("[data-undo]")) return;
    event.preventDefault();
    void decide(form, /** @type {HTMLElement | null} */ (event.submitter));
  });

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest("[data-fresh]")) return void list(/** @type {HTMLElement} */ (target.closest(".mod-list")).dataset.href ?? location.href);
    const link = target.closest("a");
    if (!link) return;
    if (link.matches(".entry")) {
      event.preventDefault();
      // What was typed into an item is there still when one comes back to it.
      if (!isWide() && item()?.dataset.item === link.dataset.id) {
        giveUp();
        mark(link);
        settle(link.href);
        item()?.focus();
        return;
      }
      void open(/** @type {HTMLAnchorElement} */ (link), { focus: current() === link ? "item" : "entry" });
    } else if (link.matches("[data-step]") && current()) {
      const all = entries();
      const next = all[all.indexOf(/** @type {HTMLAnchorElement} */ (current())) + 1];
      if (!next) return;
      event.preventDefault();
      void open(next);
    } else if (link.matches("[data-back]") && entries().length) {
      event.preventDefault();
      close(link.href);
    }
  });

  // What a verdict will do is said before it is given: of what is pointed at, and of the first one else.
  for (const kind of ["focusin", "mouseover"]) {
    document.addEventListener(kind, ({ target }) => {
      if (!(target instanceof Element)) return;
      const verdict = target.closest("[data-verdict]")?.getAttribute("data-verdict");
      const said = document.querySelector(target.closest(".verdicts") ? `[data-effect="${CSS.escape(verdict ?? "")}"]` : "[data-effect]");
      if (!said) return;
      for (const one of document.querySelectorAll("[data-effect]")) one.toggleAttribute("data-now", one === said);
    });
  }
  // The same of what is picked for the author, below it.
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement && target.matches("[name=sanction]"))) return;
    const [line, said] = [document.querySelector("[data-picked-effect]"), document.querySelector(`[id="does-${CSS.escape(target.value)}"]`)];
    if (line && said) line.replaceChildren(...[...said.childNodes].map((node) => node.cloneNode(true)));
  });
  // A form that opens below the buttons is brought into sight.
  document.addEventListener("toggle", ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.open && target.parentElement?.matches(".verdicts")) target.querySelector(".words")?.scrollIntoView({ block: "nearest" });
  }, true);
  addEventListener("popstate", follow);

  if (item()) hold(item()?.dataset.item ?? "");
  else if (two() && isWide() && entries().length) void open(entries()[0]);
}
