// @ts-check
/**
 * What this browser and an account know of how far somebody is becomes one. What both agreed on last is remembered, so
 * that whoever changed it since has the word, also when it went down; where both did, or nothing is remembered, further
 * wins. What can't be compared (not started, or "I don't mind", against something else) waits for the settings to ask.
 *
 * @typedef {{ s: string, u?: string }} Said
 * @typedef {{ progress: Record<string, Said>, ticks: Record<string, string[]>, rules: Record<string, string> }} Known
 * @typedef {{ id: string, here: Said, there: Said }} Conflict
 */
import { learn } from "./covers.js";
import { store } from "./page.js";
import { reader, setRule, setState, tick, ticksOf, works } from "./progress.js";
import { send } from "./send.js";

/** What was agreed on with which account. */
const AGREED = "fan.progress.agreed.v1";
/** So many works go into one request. */
const MOST = 300;

/** @type {string | null} */
let who = null;
/** @type {Known} */
let agreed = { progress: {}, ticks: {}, rules: {} };
/** What this browser said when it was looked at last. @type {Known} */
let last = agreed;
/** Is the change of this module's own making? */
let quiet = false;

const copy = (map) => Object.fromEntries(Object.entries(map).filter(([, value]) => value));
/** @returns {Known} */
function now() {
  const { progress, ticks, rules } = reader();
  return structuredClone({ progress: copy(progress), ticks: copy(ticks), rules: copy(rules) });
}
const same = (one, other) => (one?.s ?? "") === (other?.s ?? "") && (one?.u ?? "") === (other?.u ?? "");
const equal = (one, other) => JSON.stringify([...(one ?? [])].sort()) === JSON.stringify([...(other ?? [])].sort());
const keysOf = (...maps) => [...new Set(maps.flatMap(Object.keys))];

function recall(id) {
  try {
    const kept = JSON.parse(store.get(AGREED) ?? "");
    if (kept.who === id) return { progress: kept.progress, ticks: kept.ticks, rules: kept.rules };
  } catch { /* nothing yet */ }
  return { progress: {}, ticks: {}, rules: {} };
}
const remember = () => void store.set(AGREED, JSON.stringify({ who, ...agreed }));

/** The further of two places in a work; undefined where they can't be compared. @param {string} id @param {Said} here @param {Said} there */
function further(id, here, there) {
  if (here.s !== "at" || there.s !== "at") return undefined;
  const place = (said) => works[id].units.findIndex(([code]) => code === (said.u ?? ""));
  return place(here) > place(there) ? here : there;
}

/** What holds of a work from now on: null is nothing, undefined is for its reader to say. @returns {Said | null | undefined} */
function settleState(id, here, there) {
  const before = agreed.progress[id];
  if (same(here, there) || (before && same(here, before))) return there ?? null;
  if (before && same(there, before)) return here ?? null;
  if (!here || !there) return here ?? there ?? null;
  return further(id, here, there);
}

/** What was ticked or not since the last time, on both sides. @returns {string[]} */
function settleTicks(id, here = [], there = []) {
  const before = agreed.ticks[id] ?? [];
  const gone = before.filter((code) => !here.includes(code) || !there.includes(code));
  return [...new Set([...there, ...here])].filter((code) => !gone.includes(code));
}

function settleRule(rule, here, there) {
  const before = agreed.rules[rule];
  if (here === there || here === before) return there ?? null;
  return (there === before ? here : here ?? there) ?? null;
}

/** What has to be said to the account, so that it knows what `wanted` says. @param {Known} wanted @param {Known} known */
function difference(wanted, known) {
  const change = { progress: {}, ticks: {}, rules: {} };
  for (const id of keysOf(wanted.progress, known.progress)) if (!same(wanted.progress[id], known.progress[id])) change.progress[id] = wanted.progress[id] ?? null;
  for (const id of keysOf(wanted.ticks, known.ticks)) if (!equal(wanted.ticks[id], known.ticks[id])) change.ticks[id] = wanted.ticks[id] ?? null;
  for (const rule of keysOf(wanted.rules, known.rules)) if (wanted.rules[rule] !== known.rules[rule]) change.rules[rule] = wanted.rules[rule] ?? null;
  return change;
}

/** @type {Promise<boolean>} */
let sending = Promise.resolve(true);
/** Tells the account, one thing after the other; what it took is agreed on. Answers whether it knows all of it. */
const push = (change) => (sending = sending.then(() => tell(change)));

/** @returns {Promise<boolean>} */
async function tell(change) {
  const listed = Object.entries(change).flatMap(([kind, map]) => Object.entries(map).map(([key, value]) => ({ kind, key, value })));
  for (let at = 0; at < listed.length; at += MOST) {
    const part = { progress: {}, ticks: {}, rules: {} };
    for (const { kind, key, value } of listed.slice(at, at + MOST)) part[kind][key] = value;
    const outcome = await send("PUT", "/api/v1/me/progress", part);
    if (!outcome.ok) {
      if (outcome.status === 401) who = null;
      return false;
    }
    for (const { kind, key, value } of listed.slice(at, at + MOST)) {
      if (value) agreed[kind][key] = value; else delete agreed[kind][key];
    }
    remember();
  }
  return true;
}

/** Changes what this browser says, without telling the account. @param {() => void} change */
export function silently(change) {
  quiet = true;
  try { change(); } finally { quiet = false; }
  last = now();
}

/** Whoever is here says something new: the account hears of it, also of less. */
function hear() {
  if (quiet || !who) return;
  const current = now();
  const change = difference(current, last);
  last = current;
  if (Object.values(change).some((map) => Object.keys(map).length)) void push(change);
}

/** @param {Known} wanted @param {Known} here */
function adopt(wanted, here) {
  const { progress, ticks, rules } = difference(wanted, here);
  silently(() => {
    for (const [id, said] of Object.entries(progress)) setState(id, said && { s: said.s, ...(said.s === "at" && { u: said.u ?? "" }) });
    for (const [id, codes] of Object.entries(ticks)) {
      for (const code of new Set([...ticksOf(id), ...(codes ?? [])])) tick(id, code, !!codes?.includes(code));
    }
    for (const [rule, said] of Object.entries(rules)) setRule(rule, !!said);
  });
}

/** Does the catalogue know what is said of a work? What it does not know stays as it is, where it is. */
const isKnown = (id, said) => works[id] && (said?.s !== "at" || works[id].units.some(([code]) => code === (said.u ?? "")));

/** Both sides as they should be; what is `left` out of it, by kind; and what only their reader can say. @param {Known} here @param {Known} there */
function weigh(here, there) {
  const found = { progress: {}, ticks: {}, rules: {} };
  const left = { progress: new Set(), ticks: new Set(), rules: new Set() };
  /** @type {Conflict[]} */
  const conflicts = [];
  const put = (kind, key, value) => {
    if (value === undefined) left[kind].add(key);
    else if (value && value.length !== 0) found[kind][key] = value;
  };
  for (const id of keysOf(here.progress, there.progress)) {
    const [ours, theirs] = [here.progress[id], there.progress[id]];
    const said = same(ours, theirs) ? theirs : isKnown(id, theirs ?? ours) || isKnown(id, ours) ? settleState(id, ours, theirs) : undefined;
    if (said === undefined && ours && theirs && works[id]) conflicts.push({ id, here: ours, there: theirs });
    put("progress", id, said);
  }
  for (const id of keysOf(here.ticks, there.ticks)) {
    const [ours, theirs] = [here.ticks[id], there.ticks[id]];
    put("ticks", id, equal(ours, theirs) ? theirs : works[id] ? settleTicks(id, ours, theirs) : undefined);
  }
  for (const rule of keysOf(here.rules, there.rules)) put("rules", rule, settleRule(rule, here.rules[rule], there.rules[rule]));
  return { found, left, conflicts };
}

/** One side with what was found in place of its own; what was left out stays. */
function replaced(side, found, left) {
  const one = (kind) => ({ ...found[kind], ...Object.fromEntries(Object.entries(side[kind]).filter(([key]) => left[kind].has(key))) });
  return { progress: one("progress"), ticks: one("ticks"), rules: one("rules") };
}

/**
 * Makes one of what this browser and the account know, on both sides, and tells the account of every change from then on.
 * Answers what only their reader can say, and whether the account has learned something.
 * @param {Known & { account: { id: string } | null }} me what GET /api/v1/me says
 * @returns {Promise<{ conflicts: Conflict[], learned: boolean }>}
 */
export async function mergeProgress(me) {
  who = null;
  if (!me.account) return { conflicts: [], learned: false };
  const there = { progress: copy(me.progress), ticks: copy(me.ticks), rules: copy(me.rules) };
  const unlike = difference(now(), there);
  await learn(keysOf(unlike.progress, unlike.ticks));
  // From here on nobody comes in between.
  const here = now();
  who = me.account.id;
  agreed = recall(who);
  const { found, left, conflicts } = weigh(here, there);
  const theirs = replaced(there, found, left);
  adopt(replaced(here, found, left), here);
  const change = difference(theirs, there);
  // What the account has not taken yet is not agreed on: of that, what it said stays agreed.
  agreed = structuredClone(found);
  for (const kind of /** @type {const} */ (["progress", "ticks", "rules"])) for (const key of Object.keys(change[kind])) {
    if (there[kind][key]) agreed[kind][key] = there[kind][key]; else delete agreed[kind][key];
  }
  remember();
  const learned = Object.values(change).some((map) => Object.keys(map).length) && await push(change);
  return { conflicts, learned };
}

/** Takes one side's word about a work. @param {Conflict} conflict @param {boolean} ours */
export async function settle({ id, here, there }, ours) {
  if (ours) return push({ progress: { [id]: here }, ticks: {}, rules: {} });
  silently(() => setState(id, { s: there.s, ...(there.s === "at" && { u: there.u ?? "" }) }));
  agreed.progress[id] = there;
  remember();
  return true;
}

document.addEventListener("aftershow:progress", hear);
