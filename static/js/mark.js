// @ts-check
/** Marks that this browser has to remember: they say nothing but "1", and without them nothing personal is asked for. */
import { session, store } from "./page.js";

/** Where storage is refused, a cookie of this frame on this site alone. @param {string} name @param {number} seconds */
function bake(name, seconds) {
  const scope = location.protocol === "https:" ? "Secure; SameSite=None; Partitioned" : "SameSite=Lax";
  document.cookie = `${name}=1; Path=/; Max-Age=${seconds}; ${scope}`;
}

/** @param {string} name */
export function mark(name) {
  if (store.set(name, "1")) return;
  session.set(name, "1");
  bake(name, 31_536_000);
}

/** @param {string} name */
export function unmark(name) {
  for (const kept of [store, session]) kept.remove(name);
  if (document.cookie.includes(`${name}=`)) bake(name, 0);
}

/** Can this frame have a cookie at all? Tried with one that is taken away at once. */
export function takesCookies() {
  const name = "aftershow.probe";
  bake(name, 60);
  const kept = document.cookie.includes(`${name}=1`);
  if (kept) bake(name, 0);
  return kept;
}
