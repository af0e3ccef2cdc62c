// @ts-check
/** How far this reader is: kept in this browser, never sent in an address. What was opened in a tab goes with the tab. */
import { cleared, parse, saidOf } from "./clearing.js";
import { session, store, thread } from "./page.js";

/** Under these names other pages of this origin find it too. */
const [PROGRESS, TICKS, RULES] = ["", "ticks.", "rules."].map((part) => `fan.progress.${part}v1`);
/** A tab remembers so many entries of a list. */
const KEPT = 300;

/** What the page says about its discussion. */
export const about = JSON.parse(thread?.dataset.spoilers ?? '{"scope":[],"works":{},"order":[],"expiry":{"days":null}}');
/** What is known of works. @type {Record<string, any>} */
export const works = Object.assign(Object.create(null), about.works);
export const here = about.discussion ?? location.pathname;

function read(json, other) {
  try { return JSON.parse(json ?? "") ?? other; } catch { return other; }
}

/** A list that lives as long as the tab. @param {string} name */
export function list(name) {
  const key = `aftershow.${name}`;
  const all = () => /** @type {string[]} */ (read(session.get(key), []));
  const set = (item, on = true) =>
    void session.set(key, JSON.stringify([...all().filter((other) => other !== item), ...(on ? [item] : [])].slice(-KEPT)));
  return { all, set, has: (item) => all().includes(item), clear: () => session.remove(key) };
}
const tab = list("opened");
const ALL = "*";
export const isOpened = () => tab.has(here);
export const showsAll = () => tab.has(ALL);
export const setOpened = (on, what = here) => { tab.set(what, on); changed(); };
export const setShowAll = (on) => setOpened(on, ALL);

/** @type {any} */
let said = null;
const map = (key) => Object.assign(Object.create(null), read(store.get(key), null));
/** All that this reader has said. */
export const reader = () => (said ??= { progress: map(PROGRESS), ticks: map(TICKS), rules: map(RULES), showAll: showsAll() });
/** Other tabs hear it from the browser. */
export function changed() {
  said = null;
  document.dispatchEvent(new CustomEvent("aftershow:progress"));
}
window.addEventListener("storage", ({ key }) => { if (!key || [PROGRESS, TICKS, RULES].includes(key)) changed(); });

function keep(key, name, value) {
  const all = map(key);
  all[name] = value || undefined;
  store.set(key, JSON.stringify(all));
  changed();
}
/** What the reader says about a work. @param {string} id */
export const stateOf = (id) => saidOf(id, reader(), works);
/** The works of which the reader has said something. @returns {string[]} */
export const saidWorks = () => Object.keys(reader().progress);
export const setState = (id, state) => keep(PROGRESS, id, state);
export const rules = () => reader().rules;
export const setRule = (rule, on) => keep(RULES, rule, on && "dont_care");
export const ticksOf = (id) => reader().ticks[id] ?? [];
/** @param {string} id @param {string} code @param {boolean} on */
export function tick(id, code, on) {
  const codes = ticksOf(id).filter((other) => other !== code);
  if (on) codes.push(code);
  keep(TICKS, id, codes.length && codes);
}

/** What the server needs to know for some works. @param {string[]} ids */
export function told(ids) {
  const known = (find) => Object.fromEntries(ids.map((id) => [id, find(id)]).filter(([, found]) => found?.s ?? found?.length));
  return { progress: known(stateOf), ticks: known(ticksOf), show_all: showsAll() };
}
/** Has the reader cleared this point? @param {string} token */
export const clears = (token) => cleared(token, reader(), works, Date.now(), about.expiry);
/** Does who has come so far need no more for this point? @param {string[]} have @param {string} token */
export const implies = (have, token) => have.some((one) => {
  const [id, u] = parse(one);
  return one === token || (token.startsWith(`${id}:`) && cleared(token, { progress: { [id]: { s: "at", u } }, ticks: {}, rules: {}, showAll: false }, works, 0, { days: null }));
});
/** What everything here needs: nothing in an opened discussion, or where the scope is only a label. @returns {string[]} */
export function base() {
  if (isOpened() || about.gate === "off") return [];
  // The article has warned its readers: here, and only here, one who said nothing counts as one who has come so far.
  return about.scope.filter((token) => about.gate !== "assume" || stateOf(parse(token)[0]));
}
/** Raises progress until a point is cleared, if progress can do that. @param {string} token */
export function reach(token) {
  const [id, u] = parse(token);
  if (clears(token) || u === "*" || id === "?") return;
  if (works[id]?.branch.some(([code]) => code === u)) tick(id, u, true);
  else setState(id, { s: "at", u });
}
