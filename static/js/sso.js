// @ts-check
/** The page around says by a signed token who reads it. It can neither take the token back nor do anything with it. */
import { around } from "./frame.js";
import { know, VOUCHED, welcome } from "./identity.js";
import { takesCookies } from "./mark.js";
import { BEARER, IN, marked, session, site, store } from "./page.js";
import { send } from "./send.js";

/** Whom a token is about. Only the server can tell whether it is true. @param {string} token */
function subject(token) {
  try { return String(JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub); } catch { return token; }
}

/** @param {string} token */
export async function vouch(token) {
  const who = `${site} ${subject(token)}`;
  // Who has signed out stays so in this tab.
  if (session.get(VOUCHED) === who) return;
  if (marked(IN) && store.get(VOUCHED) === who && await know()) return;
  const outcome = await send("POST", `/api/v1/sites/${encodeURIComponent(site)}/sso`, { token, origin: around(), bearer: !takesCookies() });
  if (!outcome.ok) return;
  if (outcome.data.bearer) session.set(BEARER, outcome.data.bearer);
  store.set(VOUCHED, who);
  await welcome();
}
