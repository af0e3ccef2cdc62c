// @ts-check
/** The form to write in: toolbar, counter, draft, preview and posting in place. Without it the form still posts. */
import { dropDraft, findDraft, keepDraft, markSent } from "./draft.js";
import { lang, say, store, text, thread } from "./page.js";
import { newKey, send } from "./send.js";

/** From this many characters on the counter shows how many are left. */
const NEAR = 500;
const NAME = "aftershow.name";

/** @param {HTMLFormElement} form @returns {HTMLTextAreaElement} */
export const bodyOf = (form) => /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("body"));
/** The name of a guest, absent where somebody is signed in. @param {HTMLFormElement} form */
const nameOf = (form) => /** @type {HTMLInputElement | null} */ (form.querySelector('[name="author_name"]:enabled'));
/** @param {HTMLFormElement} form */
const room = (form) => Number(form.dataset.max) - Array.from(bodyOf(form).value).length;

/** @param {HTMLFormElement} form @param {string} field @param {string} message */
function tell(form, field, message) {
  const line = form.querySelector(`[data-problem="${CSS.escape(field)}"]`) ?? form.querySelector('[data-problem=""]');
  const input = /** @type {HTMLElement | null} */ (field && form.elements.namedItem(field));
  if (line instanceof HTMLElement) { line.textContent = message; line.hidden = !message; }
  if (!input) return;
  if (message) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
}

/** @param {HTMLFormElement} form */
function clear(form) {
  for (const field of ["", "body", "author_name"]) tell(form, field, "");
}

/** Shows what is wrong, says it, and puts the cursor where it can be mended. @param {HTMLFormElement} form @param {string} message @param {Record<string, string>} fields */
function refuse(form, message, fields) {
  const known = Object.entries(fields).filter(([field]) => form.elements.namedItem(field));
  for (const [field, words] of known) tell(form, field, words);
  // A sentence that already stands beside its field is not repeated above the form.
  if (!known.some(([, words]) => words === message)) tell(form, "", message);
  // A title is no sentence yet.
  say([message.replace(/\p{L}$/u, "$&."), ...known.map(([, words]) => words).filter((words) => words !== message)].join(" "));
  const first = form.querySelector('[aria-invalid="true"]');
  if (first instanceof HTMLElement) first.focus();
}

/** What the browser can see is wrong before it asks the server, which decides. @param {HTMLFormElement} form */
function faults(form) {
  /** @type {Record<string, string>} */
  const found = {};
  if (!bodyOf(form).value.trim()) found.body = text("empty");
  else if (room(form) < 0) found.body = text("long", { over: -room(form) });
  const name = nameOf(form);
  if (name && !name.value.trim()) found.author_name = text("nameless");
  return found;
}

/** @param {HTMLFormElement} form */
function count(form) {
  const line = form.querySelector("[data-left]");
  const left = room(form);
  if (!line) return;
  line.textContent = left < 0 ? text("long", { over: -left }) : left <= NEAR ? text("left", { left }) : "";
  line.toggleAttribute("data-over", left < 0);
}

/** Types like a person would, so that undo takes it back. @param {HTMLTextAreaElement} area @param {string} words */
export function insert(area, words) {
  area.focus();
  if (!document.execCommand("insertText", false, words)) {
    area.setRangeText(words, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** @param {HTMLTextAreaElement} area @param {string} kind */
function format(area, kind) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  if (kind === "quote") {
    const fresh = start > 0 && value[start - 1] !== "\n" ? "\n\n" : "";
    insert(area, fresh + (chosen || " ").split("\n").map((line) => `> ${line.trimStart()}`).join("\n") + (chosen ? "\n\n" : ""));
    return;
  }
  const fence = kind === "code" && chosen.includes("\n");
  const [open, close] = { bold: ["**", "**"], italic: ["*", "*"], link: ["[", "](https://)"], code: fence ? ["```\n", "\n```"] : ["`", "`"] }[kind] ?? ["", ""];
  const inner = chosen || text(kind === "link" ? "linkText" : kind);
  insert(area, open + inner + close);
  // What comes next to type is selected: the words, or the address of a link that has words already.
  const from = kind === "link" && chosen ? start + open.length + inner.length + 2 : start + open.length;
  area.setSelectionRange(from, kind === "link" && chosen ? from + 8 : from + inner.length);
}

/** What only texts with spoilers need. */
const helper = () => import("./spoiler.js");

/** @param {HTMLFormElement} form @param {import("./send.js").Refused} outcome */
function refused(form, outcome) {
  // Asked for a name that the form does not ask for: the cookie of whoever is signed in is gone.
  const lost = outcome.status === 401 || (outcome.fields.author_name && form.querySelector("[data-as], [data-lost]"));
  refuse(form, outcome.message, lost ? {} : outcome.fields);
  // Moderators have said something since: it comes with the rest of what is this person's own.
  if (["muted", "suspended", "banned"].includes(outcome.code ?? "")) void import("./mine.js").then(({ merge }) => merge());
  if (lost || outcome.code === "account_disabled") void import("./identity.js").then(({ lose }) => lose(form, outcome));
  if (outcome.errors?.some(({ pos, candidates }) => candidates ?? pos !== undefined)) void helper().then(({ mend }) => mend(form, outcome.errors ?? []));
}

/** The text with all that decides how others see it. @param {HTMLFormElement} form */
export function draftOf(form) {
  const given = new FormData(form);
  const payload = Object.fromEntries(["discussion_id", "parent_id"].flatMap((field) => given.get(field) ? [[field, given.get(field)]] : []));
  // The box is ticked (and empty) where an answer inherits; without it only "none" is sent.
  return { ...payload, body: String(given.get("body")), ...(given.getAll("scope").at(-1) === "none" && { scope: [] }) };
}

/** @param {HTMLFormElement} form */
async function preview(form) {
  const box = form.querySelector("[data-preview]");
  const target = form.querySelector("[data-preview-body]");
  if (!(box instanceof HTMLElement) || !target) return;
  clear(form);
  if (!bodyOf(form).value.trim()) return refuse(form, text("empty"), { body: text("empty") });
  say(text("previewing"));
  const outcome = await send("POST", "/api/v1/preview", { site: form.dataset.site, lang, ...draftOf(form) });
  if (!outcome.ok) return refused(form, outcome);
  // The server has made it safe; parsing it in a document of its own runs nothing either.
  target.replaceChildren(...new DOMParser().parseFromString(outcome.data.html, "text/html").body.childNodes);
  box.hidden = false;
  form.querySelector("[data-views]")?.remove();
  const { html, cleared_html: cleared = html } = outcome.data;
  if (cleared !== html) void helper().then(({ showBoth }) => showBoth(form, html, cleared));
  say(text("previewed"));
}

/** @param {HTMLFormElement} form */
function request(form) {
  const given = new FormData(form);
  /** @type {any} */
  const payload = draftOf(form);
  if (form.dataset.comment) {
    const { body, scope } = payload;
    return { method: "PATCH", path: `/api/v1/comments/${form.dataset.comment}`, payload: { body, ...(scope && { scope }), revision: Number(given.get("revision")) } };
  }
  for (const field of ["author_name", ...(payload.discussion_id ? [] : ["url", "identifier"])]) if (given.get(field)) payload[field] = given.get(field);
  return { method: "POST", path: `/api/v1/sites/${encodeURIComponent(form.dataset.site ?? "")}/comments`, payload };
}

/** @param {HTMLFormElement} form @param {boolean} busy */
function setBusy(form, busy) {
  form.ariaBusy = String(busy);
  const button = form.querySelector("[data-post]");
  if (!(button instanceof HTMLElement)) return;
  button.dataset.label ??= button.textContent ?? "";
  button.textContent = busy ? text(form.dataset.comment ? "saving" : "busy") : button.dataset.label;
  if (busy) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled");
}

/** The text while it is sent does not change under the request. @param {HTMLFormElement} form @param {(comment: any) => void} done */
async function post(form, done) {
  if (form.ariaBusy === "true") return;
  clear(form);
  const wrong = faults(form);
  if (Object.keys(wrong).length) return refuse(form, text("fields"), wrong);
  // Asked until advice was shown, once for a draft: does it give something away? Whatever goes wrong with that, the text is posted.
  if (thread?.dataset.spoilers && !("advised" in form.dataset)) {
    setBusy(form, true);
    const fine = await helper().then(({ advise }) => advise(form)).catch(() => true);
    setBusy(form, false);
    if (!fine) return;
  }
  const { method, path, payload } = request(form);
  const sent = JSON.stringify(payload);
  const draft = form.dataset.comment ? null : findDraft(form);
  const key = draft?.key && draft.sent === sent ? draft.key : newKey();
  if (!form.dataset.comment) keepDraft(form, { body: payload.body, key, sent });
  setBusy(form, true);
  bodyOf(form).readOnly = true;
  const outcome = await send(method, path, payload, method === "POST" ? { "Idempotency-Key": key } : {});
  bodyOf(form).readOnly = false;
  setBusy(form, false);
  if (!outcome.ok) {
    if (outcome.status === 409) form.dispatchEvent(new CustomEvent("aftershow:conflict"));
    return refused(form, outcome);
  }
  if (!form.dataset.comment) dropDraft(form);
  const name = nameOf(form)?.value;
  if (name) store.set(NAME, name);
  empty(form);
  done(outcome.data);
}

/** @param {HTMLFormElement} form */
function empty(form) {
  bodyOf(form).value = "";
  const box = form.querySelector("[data-preview]");
  if (box instanceof HTMLElement) box.hidden = true;
  delete form.dataset.advised;
  form.querySelector(".sp-note")?.remove();
  count(form);
}

/** @param {HTMLFormElement} form @param {KeyboardEvent} event */
function onKey(form, event) {
  const meta = event.ctrlKey || event.metaKey;
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("[data-post]"));
  if (event.key === "Enter" && (meta || event.target === nameOf(form))) {
    event.preventDefault();
    form.requestSubmit(button);
  } else if (meta && !event.altKey && !event.shiftKey && event.target === bodyOf(form) && (event.key === "b" || event.key === "i")) {
    event.preventDefault();
    format(bodyOf(form), event.key === "b" ? "bold" : "italic");
  }
}

/**
 * Binds a composer. `done` gets the comment the server made; without it the form posts as a plain form.
 * @param {HTMLFormElement} form @param {((comment: any) => void) | null} done
 */
export function bindComposer(form, done) {
  const area = bodyOf(form);
  const name = nameOf(form);
  const editing = form.elements.namedItem("revision") !== null;
  // A limit in the browser would cut what is pasted without a word; the counter says it instead.
  area.removeAttribute("maxlength");
  form.querySelector("[data-tools]")?.removeAttribute("hidden");
  if (name && !name.value) name.value = store.get(NAME) ?? "";
  const draft = editing ? null : findDraft(form);
  if (draft && !area.value) { area.value = draft.body; say(text("restored")); } else if (!editing && area.value) keepDraft(form, { ...draft, body: area.value });
  count(form);
  area.addEventListener("input", () => {
    tell(form, "body", "");
    count(form);
    if (!editing) keepDraft(form, { ...findDraft(form), body: area.value });
  });
  name?.addEventListener("input", () => tell(form, "author_name", ""));
  form.addEventListener("keydown", (event) => onKey(form, event));
  // Who is writing, js/identity.js knows.
  document.dispatchEvent(new CustomEvent("aftershow:composer", { detail: form }));
  form.addEventListener("click", (event) => {
    const tool = event.target instanceof Element ? event.target.closest("[data-tool]") : null;
    if (!(tool instanceof HTMLElement)) return;
    if (tool.dataset.tool === "spoiler") void helper().then(({ wrap }) => wrap(form)); else format(area, tool.dataset.tool ?? "");
  });
  if (!done) {
    form.addEventListener("submit", () => { if (!editing) markSent(form); });
    return;
  }
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void (event.submitter?.getAttribute("name") === "preview" ? preview(form) : post(form, done));
  });
}

/** Binds every composer the server drew. @param {(comment: any) => void} arrived */
export function bindAll(arrived) {
  for (const form of document.querySelectorAll("form[data-composer]")) {
    bindComposer(/** @type {HTMLFormElement} */ (form), thread ? arrived : null);
  }
}
