// @ts-check
/**
 * Who is writing. Asked for only where somebody has signed in; every form then says so. Nothing typed is lost when it
 * changes, and nothing here posts.
 */
import { bindComposer } from "./composer.js";
import { mark, unmark } from "./mark.js";
import { BEARER, IN, button, drawn, element, marked, say, session, site, store, text, thread } from "./page.js";
import { greet, person } from "./person.js";
import { send } from "./send.js";

/** Set where somebody wrote (js/mine.js). */
const WROTE = "aftershow.wrote";

/** Whom the page around has vouched for; in the session's storage, who has signed out all the same. */
export const VOUCHED = "aftershow.sso";

/** @typedef {import("./person.js").Account} Account */
/**
 * @typedef {{
 *   account: Account | null, ended: boolean, following: boolean, muted: string[], claimable: number, moderates: boolean,
 * }} Me the rest of it is for js/mind.js
 */

/** "ended" is a session that counts no more, "refused" an account that does not. @type {"guest" | "in" | "ended" | "refused"} */
let state = "guest";
/** @type {Account | null} */
let account = null;
/** @type {Promise<boolean> | null} */
let asking = null;

/** Where pages of one storage hear of each other (see js/auth.js); a frame that may store nothing has no such place. */
function enter() {
  try { return new BroadcastChannel(window.parent === window ? "aftershow" : IN); } catch { return null; }
}
const room = enter();

/** @returns {HTMLFormElement[]} */
const forms = () => [...document.querySelectorAll("form[data-composer]")].map((form) => /** @type {HTMLFormElement} */ (form));

/** @param {string} words */
export const wayIn = (words) => element("a", { class: "button primary", href: "/auth", target: "_blank", "data-sign-in": "" }, words);

/** What to do for somebody who is signed in no more. @param {HTMLFormElement} form @param {HTMLElement | null} who */
function lost(form, who) {
  const refused = state === "refused";
  const choices = element("div", { class: "choices" });
  if (refused) choices.append(button(text("signOut"), () => void signOut(form)));
  else choices.append(wayIn(text("signInAgain")));
  if (who && !refused && !document.querySelector("[data-members]")) {
    choices.append(button(text("asGuest"), () => {
      show("guest");
      /** @type {HTMLElement | null} */ (who.querySelector("input"))?.focus();
    }));
  }
  return element("div", { class: "notice lost", "data-lost": "" }, element("p", {}, text(refused ? "refused" : "signedOut")), choices);
}

/** Lets a form say who is writing. @param {HTMLFormElement} form */
function dress(form) {
  const who = /** @type {HTMLElement | null} */ (form.querySelector("[data-who]"));
  const editing = form.elements.namedItem("revision") !== null;
  for (const part of form.querySelectorAll("[data-as], [data-lost]")) part.remove();
  if (who) who.hidden = state !== "guest";
  for (const part of form.querySelectorAll('[name="author_name"]')) /** @type {HTMLInputElement} */ (part).disabled = state !== "guest";
  const hint = form.nextElementSibling?.querySelector("[data-guest]");
  if (hint instanceof HTMLElement) hint.hidden = state !== "guest";
  const bar = form.querySelector(".bar");
  if (state === "in" && account && !editing) {
    bar?.before(element("div", { class: "who as", "data-as": "" }, person(account), button(text("signOut"), () => void signOut(form), "quiet")));
  }
  if (state === "ended" || state === "refused") bar?.before(lost(form, who));
}

/** A site that takes no comments from guests has its form ready for those who come in. @param {boolean} open */
function admit(open) {
  const door = document.querySelector("[data-members]");
  const source = document.querySelector("template[data-composer-source]");
  if (!(door instanceof HTMLElement) || !(source instanceof HTMLTemplateElement)) return;
  door.hidden = open;
  thread?.toggleAttribute("data-closed", !open);
  if (open && thread) drawn(thread);
  const inside = document.querySelector("[data-inside]");
  if (inside instanceof HTMLElement) inside.hidden = !open;
  if (!open || inside || thread?.dataset.focus) return;
  const made = element("div", { "data-inside": "" }, document.importNode(source.content, true));
  source.after(made);
  const form = /** @type {HTMLFormElement} */ (made.querySelector("form"));
  bindComposer(form, thread ? (comment) => void import("./mine.js").then(({ arrive }) => arrive(comment)) : null);
}

/** @param {typeof state} next */
function show(next) {
  state = next;
  admit(state !== "guest");
  for (const form of forms()) dress(form);
}

/** What only signed-in people have: whom they mute, what they follow, what they may claim. */
const people = () => import("./people.js");

/** Shows what the server says of whoever is here. @param {Me} me */
async function apply(me) {
  const was = account;
  account = me.account;
  if (account) mark(IN); else forget();
  show(account ? "in" : me.ended || was ? "ended" : "guest");
  greet(account, me.moderates);
  if (!account) return strip();
  (await people()).settle(me);
  if (thread) import("./mind.js").then(({ mergeProgress }) => mergeProgress(me)).catch(() => { /* the next page merges it */ });
}

/** Somebody has just come in: shows who, and what is theirs. */
export async function welcome() {
  // What was asked before says who was here before.
  await asking;
  if (!await know() || !account) return;
  room?.postMessage("signed-in");
  say(text("signedIn", { name: account.name }));
  if (thread) await (await import("./mine.js")).merge();
}

/** Asks who is here; answers whether somebody is signed in. @returns {Promise<boolean>} */
export function know() {
  // Pages of no site: js/masthead.js asks.
  if (!site) return Promise.resolve(false);
  const { discussion } = thread?.dataset ?? {};
  const query = new URLSearchParams({ site, ...(discussion && { discussion }) });
  asking ??= send("GET", `/api/v1/me?${query}`, null).then(async (outcome) => {
    asking = null;
    if (outcome.ok) await apply(outcome.data);
    return !!account;
  });
  return asking;
}

function forget() {
  unmark(IN);
  session.remove(BEARER);
}

/** What only its author may see goes; what this browser wrote as a guest comes back. */
function strip() {
  for (const own of document.querySelectorAll(".comment.own")) {
    if (own.matches(".held")) { own.closest("li[data-comment]")?.remove(); continue; }
    own.classList.remove("own");
    for (const part of own.querySelectorAll(':scope > header > .badge, :scope > .acts > :is([data-act="edit"], [data-act="delete"])')) part.remove();
  }
  if (document.querySelector("[data-standing]")) void import("./standing.js").then(({ show }) => show(null));
  void people().then(({ leave }) => leave());
  if (thread && marked(WROTE)) void import("./mine.js").then(({ merge }) => merge());
}

/** The server knows a writer no more: the text stays, and there are ways on. @param {HTMLFormElement} form @param {import("./send.js").Refused} outcome */
export function lose(form, outcome) {
  account = null;
  forget();
  show(outcome.code === "account_disabled" ? "refused" : "ended");
  greet(null);
  void people().then(({ leave }) => leave());
  const line = form.querySelector('[data-problem=""]');
  if (line instanceof HTMLElement) line.hidden = true;
  say(text(state === "refused" ? "refused" : "signedOut"));
  const way = form.querySelector("[data-lost] .button");
  if (way instanceof HTMLElement) way.focus();
}

/** @param {HTMLFormElement} form where it was pressed */
async function signOut(form) {
  const outcome = await send("DELETE", "/api/v1/auth/session", {});
  if (!outcome.ok && outcome.status !== 401) return say(outcome.message);
  account = null;
  forget();
  // Whoever the page around vouched for is not signed in again behind their back (js/sso.js).
  const vouched = store.get(VOUCHED);
  if (vouched) session.set(VOUCHED, vouched);
  store.remove(VOUCHED);
  // Drawn by the server for its person: the draft of what was typed is kept.
  if (thread?.hasAttribute("data-personal")) return location.reload();
  show("guest");
  greet(null);
  strip();
  say(text("signedOutNow"));
  // The button that was pressed is gone.
  const next = form.isConnected && !form.closest("[hidden]") ? form.querySelector("[data-who] input") : document.querySelector("a[data-sign-in]");
  if (next instanceof HTMLElement) next.focus();
}

document.addEventListener("aftershow:composer", (event) => dress(/** @type {CustomEvent} */ (event).detail));
room?.addEventListener("message", ({ data }) => { if (data === "signed-in") void know(); });
