// @ts-check
/** Passkeys: sign in with one, add one. What offers that is hidden until it is known that this browser can. */
import { element, hasText, text } from "./page.js";
import { send } from "./send.js";

/** A challenge can be answered for five minutes; autofill, which waits longer, gets a new one in time. */
const RENEW = 4 * 60_000;
const able = typeof PublicKeyCredential === "function" && Boolean(navigator.credentials);
/** What fills the name field by itself waits; a press of the button goes before. */
let waiting = new AbortController();
let renewal = 0;

// Binary parts travel as base64url. They are converted here: the `toJSON` of browsers is what extensions that keep
// passkeys tend to break.
/** @param {string} coded */
const bytes = (coded) => Uint8Array.from(atob(coded.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
/** @param {ArrayBuffer} binary */
const coded = (binary) => btoa(String.fromCharCode(...new Uint8Array(binary))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
/** @param {any[]} [list] */
const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

/** The server's question as the browser takes it. @param {any} options @returns {any} */
const question = ({ challenge, user, excludeCredentials, allowCredentials, ...rest }) => ({
  ...rest,
  challenge: bytes(challenge),
  ...(user && { user: { ...user, id: bytes(user.id) } }),
  ...(excludeCredentials && { excludeCredentials: known(excludeCredentials) }),
  ...(allowCredentials && { allowCredentials: known(allowCredentials) }),
});

/** The authenticator's answer as the server takes it. @param {any} credential */
function answer({ id, type, response }) {
  /** @type {Record<string, unknown>} */
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[name]?.byteLength) parts[name] = coded(response[name]);
  if (response.getTransports) parts.transports = response.getTransports();
  return { id, type, response: parts };
}

/** Why there is no passkey, in words. @param {any} error */
const reason = (error) => text(hasText(`passkey.${error?.name}`) ? `passkey.${error.name}` : "passkey.failed");

/**
 * Signs in; answers what went wrong.
 * @param {HTMLElement} offer @param {CredentialRequestOptions} [how]
 */
async function signIn({ dataset }, how = {}) {
  const purpose = dataset.purpose ?? "sign_in";
  const asked = await send("POST", "/api/v1/auth/passkey/options", { purpose });
  if (!asked.ok) return asked.message;
  const { handle, options } = asked.data;
  const credential = answer(await navigator.credentials.get({ publicKey: question(options), ...how }));
  const outcome = await send("POST", "/api/v1/auth/passkey", { handle, credential, next: dataset.next ?? "/", purpose });
  if (!outcome.ok) return outcome.message;
  location.assign(outcome.data.location);
  return "";
}

/** Adds a passkey; answers what went wrong. @param {HTMLElement} offer */
async function add({ dataset }) {
  const asked = await send("POST", "/api/v1/me/passkeys/options", {});
  if (!asked.ok) return refused(asked, dataset.again);
  const { handle, options } = asked.data;
  const made = await navigator.credentials.create({ publicKey: question(options) });
  const outcome = await send("POST", "/api/v1/me/passkeys", { handle, credential: answer(made) });
  if (!outcome.ok) return refused(outcome, dataset.again);
  location.assign(dataset.done ?? location.href);
  return "";
}

/** Whose sign-in is not fresh any more goes to do it again. @param {import("./send.js").Refused} outcome @param {string} [again] */
function refused({ status, code, message }, again) {
  if (!again || (status !== 401 && code !== "sign_in_again")) return message;
  location.assign(again);
  return "";
}

/** @param {HTMLElement} offer @param {() => Promise<string>} act @returns {(message: string) => void} */
function bind(offer, act) {
  const problem = element("p", { class: "problem", role: "alert", hidden: "" });
  const words = offer.textContent ?? "";
  const tell = (/** @type {string} */ message) => { problem.textContent = message; problem.hidden = !message; };
  offer.after(problem);
  offer.hidden = false;
  offer.addEventListener("click", async () => {
    if (offer.hasAttribute("aria-disabled")) return;
    tell("");
    offer.setAttribute("aria-disabled", "true");
    offer.textContent = text("passkey.waiting");
    const message = await act();
    offer.removeAttribute("aria-disabled");
    offer.textContent = words;
    tell(message);
  });
  return tell;
}

/** Passkeys among what the browser fills into the name field. @param {HTMLElement} offer @param {(message: string) => void} tell */
async function fillIn(offer, tell) {
  clearTimeout(renewal);
  if (!document.querySelector('input[autocomplete~="webauthn"]')) return;
  waiting.abort();
  const mine = waiting = new AbortController();
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false)) || mine.signal.aborted) return;
  renewal = setTimeout(() => void fillIn(offer, tell), RENEW);
  const message = await signIn(offer, { mediation: "conditional", signal: mine.signal })
    .catch((error) => (error?.name === "AbortError" || error?.name === "NotAllowedError" ? "" : reason(error)));
  if (waiting === mine) tell(message);
}

const offer = /** @type {HTMLElement | null} */ (document.querySelector("[data-passkey]"));
if (able && offer) {
  const tell = bind(offer, async () => {
    waiting.abort();
    const message = await signIn(offer).catch(reason);
    if (message) void fillIn(offer, tell);
    return message;
  });
  void fillIn(offer, tell);
}
const adding = /** @type {HTMLElement | null} */ (document.querySelector("[data-add-passkey]"));
if (able && adding) {
  bind(adding, () => add(adding).catch((error) => (error?.name === "NotAllowedError" ? text("passkey.notAdded") : reason(error))));
}
if (!able) for (const note of document.querySelectorAll("[data-no-passkeys]")) /** @type {HTMLElement} */ (note).hidden = false;
