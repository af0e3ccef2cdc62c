// @ts-check
/** Covered text: asked for in one request where this reader has cleared it, or by its button; gone from the page when hidden. */
import { parse, tokensIn } from "./clearing.js";
import { element, say, text } from "./page.js";
import { about, base, changed, clears, here, implies, list, rules, setOpened, setShowAll, stateOf, told, works } from "./progress.js";
import { send } from "./send.js";

/** So many go into one request. */
const MOST = 500;
const MOST_WORKS = 50;

/** Uncovered by hand: stays so in this tab. */
const asked = list(`shown.${here}`);
/** Covered by hand, until the page is left: some, or all that is not asked for one by one. @type {Set<string>} */
const closed = new Set();
let calm = false;
/** Passages that are not there any more. @type {Set<string>} */
const gone = new Set();

const all = () => /** @type {any[]} */ ([...document.querySelectorAll(".sp[data-sp]")]).filter((cover) => !cover.closest("[data-preview]"));
const idOf = (cover) => cover.dataset.sp;
const buttonOf = (cover) => cover.querySelector(".sp-show");
const isOpen = (cover) => buttonOf(cover).ariaExpanded === "true";
/** The points a reader needs for a cover. @param {any} cover @returns {string[]} */
export const scopeOf = (cover) => [...base(), ...tokensIn(cover.dataset.scope)];
const worksOf = (cover) => scopeOf(cover).map((token) => parse(token)[0]);
const isCleared = (cover) => scopeOf(cover).every(clears);

/** Should it be open for this reader? */
function wanted(cover) {
  if (asked.has(idOf(cover))) return true;
  if (closed.has(idOf(cover))) return false;
  // Uncovered with what it stands in, when it needs no more.
  const outer = cover.parentElement?.closest(".sp[data-sp]");
  if (outer && wanted(outer) && scopeOf(cover).every((token) => implies(scopeOf(outer), token))) return true;
  return !calm && isCleared(cover);
}

/** Puts the text in, or takes it out again. The button stays where it is. @param {any} cover @param {Iterable<Node>} [content] */
function fill(cover, content) {
  const button = buttonOf(cover);
  const label = button.querySelector("bdi");
  const body = cover.querySelector(".sp-body");
  // What goes takes the focus with it, unless somebody else has it then.
  if (body.contains(document.activeElement)) button.focus();
  const [before, after] = text((content ? "hideSpoiler" : "showSpoiler") + (label ? "Of" : "")).split("{label}");
  button.replaceChildren(before, ...(label ? [label, after] : []));
  button.ariaExpanded = String(!!content);
  cover.classList.toggle("sp-open", !!content);
  // Past the gate a comment is a comment again.
  const plain = content && cover.matches('[data-whole][data-scope=""]') && !asked.has(idOf(cover));
  cover.classList.toggle("sp-plain", !!plain);
  cover.name ??= cover.ariaLabel;
  cover.role = plain ? null : "group";
  cover.ariaLabel = plain ? null : cover.name;
  for (const node of [...cover.childNodes]) if (node instanceof Text) node.remove();
  if (content && cover.matches("span")) button.after(" ");
  body.replaceChildren(...(content ?? []));
  body.hidden = !content;
  cover.querySelector(":scope > .sp-extra")?.remove();
}

/** Where the page assumes more than this reader says, what can be read goes behind a cover. */
function coverAgain() {
  const template = /** @type {any} */ (document.querySelector("template[data-cover]"));
  if (!template || about.gate !== "assume" || base().every(clears)) return;
  for (const node of document.querySelectorAll(":is(li[data-comment], [data-featured]):not(:has(> .own, > .comment > .body > [data-whole]))")) {
    const cover = document.importNode(template.content, true).firstElementChild;
    cover.dataset.sp = `c${node.getAttribute("data-comment") ?? node.getAttribute("data-featured")}`;
    node.querySelector(":scope > .comment > .body")?.replaceChildren(cover);
  }
}

/** @type {Set<string>} */
const sought = new Set(["?"]);
/** Asks, once, about works that the page does not tell of. @param {string[]} ids */
export async function learn(ids) {
  const fresh = [...new Set(ids)].filter((id) => !works[id] && !sought.has(id) && sought.add(id));
  for (let at = 0; at < fresh.length; at += MOST_WORKS) {
    const outcome = await send("GET", `/api/v1/works?${fresh.slice(at, at + MOST_WORKS).map((id) => `id=${encodeURIComponent(id)}`).join("&")}`, null);
    if (outcome.ok) for (const work of outcome.data.works) works[work.id] = work;
  }
}

function complain(cover, words) {
  fill(cover);
  buttonOf(cover).after(element("span", { class: "sp-extra problem" }, words));
  say(words);
}

/** Covers what must not show, at once. From then on what is left can be read (css/spoiler.css). */
function conceal() {
  coverAgain();
  // What stood in a cover that was closed just now has gone with it.
  for (const cover of all()) if (cover.isConnected && isOpen(cover) && !wanted(cover)) fill(cover);
  for (const part of document.querySelectorAll("[data-list], [data-featured]")) part.setAttribute("data-bound", "");
}

/** Covers what must not show, asks for what may, and puts it in its place; what is nested in it too. */
async function round() {
  conceal();
  const covers = all();
  if (covers.length || about.order.length) void import("./gate.js");
  const named = covers.flatMap(worksOf);
  await learn(named.filter((id) => stateOf(id) || Object.keys(rules()).length));
  const missing = covers.filter((cover) => cover.isConnected && !isOpen(cover) && !gone.has(idOf(cover)) && wanted(cover));
  if (!missing.length) return;
  const present = covers.map(idOf);
  const ids = [...new Set([...missing.map(idOf), ...asked.all().filter((id) => !present.includes(id) && !gone.has(id))])];
  const given = { why: ids.some(asked.has) ? "explicit" : "progress", ...told([...about.order, ...named]) };
  const found = {};
  for (let at = 0; at < ids.length; at += MOST) {
    const outcome = await send("POST", "/api/v1/reveals", { ids: ids.slice(at, at + MOST), ...given });
    if (!outcome.ok) return complain(missing.find((cover) => buttonOf(cover).ariaBusy) ?? missing[0], text("notShown"));
    Object.assign(found, outcome.data);
  }
  for (const id of ids) if (!found[id]) gone.add(id);
  let count = 0;
  for (let ready; (ready = all().filter((cover) => !isOpen(cover) && found[idOf(cover)] && wanted(cover))).length; count += ready.length) {
    for (const cover of ready) fill(cover, new DOMParser().parseFromString(found[idOf(cover)].html, "text/html").body.childNodes);
  }
  if (count) say(count > 1 ? text("shownMany", { count }) : text("shown"));
}

/** @type {Promise<void> | null} */
let queued = null;
let last = Promise.resolve();
/** Brings every cover to what this reader may see: one round after the other, many calls in one. */
const draw = () => (queued ??= last = last.then(() => { queued = null; return round(); }).catch(reportError)
  .then(() => void document.dispatchEvent(new CustomEvent("aftershow:covers"))));

async function toggle(cover) {
  const id = idOf(cover);
  const button = buttonOf(cover);
  if (button.ariaBusy === "true") return;
  const hide = isOpen(cover);
  asked.set(id, !hide);
  closed[hide ? "add" : "delete"](id);
  gone.delete(id);
  button.ariaBusy = "true";
  await draw();
  button.ariaBusy = null;
  if (hide) say(text("covered"));
  else if (isOpen(cover)) cover.dispatchEvent(new CustomEvent("aftershow:revealed", { bubbles: true }));
  else if (gone.has(id)) complain(cover, text("notThere"));
}

/** The works that the covers of the page need. @returns {string[]} */
export const needed = () => [...new Set(all().flatMap(worksOf))].filter((id) => id !== "?");
export const anyOpen = () => all().some(isOpen);
/** Covers everything again, and what comes later too. */
export function hideAll() {
  for (const cover of all()) closed.add(idOf(cover));
  calm = true;
  asked.clear();
  setShowAll(false);
  setOpened(false);
  say(text("coveredAll"));
}
/** Is something of a work covered by hand that this reader has cleared? */
export const isHeldBack = (id) => all().some((cover) => !isOpen(cover) && worksOf(cover).includes(id) && isCleared(cover));
/** Shows everything of a work up to where the reader is. */
export function showUpTo(id) {
  for (const cover of all()) if (worksOf(cover).includes(id)) closed.delete(idOf(cover));
  calm = false;
  changed();
}

/** Binds the covers of this page and of everything that is drawn later. */
export function bindCovers() {
  document.addEventListener("click", (/** @type {any} */ event) => {
    const cover = event.target.closest(".sp-show")?.parentElement;
    if (!cover) return;
    event.preventDefault();
    if (idOf(cover) && !cover.closest("[data-preview]")) void toggle(cover);
  });
  // Covering does not wait for a round that is still asking.
  for (const [type, first] of [["aftershow:drawn", coverAgain], ["aftershow:progress", conceal]]) {
    document.addEventListener(/** @type {string} */ (type), () => { /** @type {any} */ (first)(); void draw(); });
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) void draw(); });
  void draw();
}
