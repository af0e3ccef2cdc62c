// @ts-check
/**
 * Signing in without leaving the text. A frame opens a window of this origin, where somebody signs in as on any page;
 * that window hands the frame a code, which only this frame can redeem: nobody else has its verifier.
 */
import { around } from "./frame.js";
import { welcome } from "./identity.js";
import { takesCookies } from "./mark.js";
import { BEARER, button, element, say, session, site, text } from "./page.js";
import { send } from "./send.js";

/** @param {ArrayBuffer | Uint8Array} bytes */
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** A secret of this page, and what may be told of it. */
async function makePair() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  return { verifier, challenge };
}
// Ready before it is needed: the window has to open while somebody presses.
let pair = makePair();

/** @type {Window | null} */
let popup = null;
/** Where to go on when it is done, and the field for the code. @type {{ box: HTMLElement, form: HTMLElement | null, tell: (message: string) => void } | null} */
let panel = null;
let busy = false;

/** Takes the session that a code stands for. @param {string} code */
async function redeem(code) {
  if (busy) return;
  busy = true;
  const { verifier } = await pair;
  const outcome = await send("POST", "/api/v1/auth/redeem", { site, origin: around(), code, verifier, bearer: !takesCookies() });
  busy = false;
  if (!outcome.ok) {
    panel?.tell(outcome.message);
    return;
  }
  popup?.postMessage({ type: "aftershow:handoff-done" }, location.origin);
  await arrive(outcome.data);
}

/** @param {{ bearer?: string | null }} answer */
async function arrive(answer) {
  if (answer.bearer) session.set(BEARER, answer.bearer);
  pair = makePair();
  const { box, form } = panel ?? {};
  panel = null;
  box?.remove();
  // On with the text: whatever is fetched now does not take the focus away again.
  (form ?? document).querySelector("textarea")?.focus();
  await welcome();
  if (document.activeElement === document.body) document.querySelector("textarea")?.focus();
}

window.addEventListener("message", (event) => {
  if (!popup || event.origin !== location.origin || event.source !== popup || event.data?.type !== "aftershow:handoff") return;
  const { code } = event.data;
  if (typeof code === "string") void redeem(code);
});

/** What stands beside the text while the other window is open. @param {HTMLElement} place @param {string} address @param {boolean} opened */
function open(place, address, opened) {
  panel?.box.remove();
  const id = "sign-in-code";
  const problem = element("p", { class: "problem", id: `${id}-problem`, hidden: "" });
  const input = element("input", { id, type: "text", dir: "ltr", autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", size: "11", maxlength: "40", "aria-describedby": problem.id });
  const close = () => { box.remove(); panel = null; /** @type {HTMLElement | null} */ (place.querySelector("a[data-sign-in]"))?.focus(); };
  const use = () => { if (input.value.trim()) void redeem(input.value.trim()); else input.focus(); };
  const again = element("a", { class: "button quiet", href: address, target: "_blank", rel: "noopener" }, text("openThere"));
  const box = element("div", { class: "signing", role: "group", "aria-label": text("signIn") },
    element("p", {}, text(opened ? "signingIn" : "noWindow")),
    element("div", { class: "code" }, element("label", { for: id }, text("pasteCode")), input, button(text("useCode"), use)),
    problem, element("div", { class: "choices" }, again, button(text("cancel"), close, "quiet")));
  const tell = (/** @type {string} */ message) => { problem.textContent = message; problem.hidden = !message; input.setAttribute("aria-invalid", "true"); say(message); };
  // The form around it posts on Enter and closes on Escape.
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.stopPropagation();
    if (event.key === "Escape") { event.preventDefault(); close(); } else if (event.target === input) { event.preventDefault(); use(); }
  });
  input.addEventListener("input", () => { problem.hidden = true; input.removeAttribute("aria-invalid"); });
  panel = { box, form: place.closest("form"), tell };
  place.after(box);
  say(text(opened ? "signingIn" : "noWindow"));
}

/** @param {HTMLAnchorElement} link */
export async function signIn(link) {
  if (window.parent === window) {
    // A page of our own is left and come back to; what was typed is kept as a draft.
    location.assign(`/auth?${new URLSearchParams({ next: location.pathname + location.search })}`);
    return;
  }
  const { challenge } = await pair;
  const address = `/auth/handoff?${new URLSearchParams({ site, origin: around(), challenge })}`;
  popup = window.open(address, "aftershow-sign-in", "popup,width=480,height=720");
  const place = /** @type {HTMLElement} */ (link.closest("[data-who], [data-lost], [data-members]") ?? link);
  open(place, address, !!popup);
}
