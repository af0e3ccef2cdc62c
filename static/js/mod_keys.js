// @ts-check
/** One key a verdict. They can be switched off: whoever speaks to their browser, or shakes, sends keys without wanting to. */
import { current, entries, isLoading, isSending, isShown, item, list, open, tell } from "./mod_item.js";
import { say, store, text } from "./page.js";

/** Set where single keys do nothing. */
const OFF = "aftershow.mod.keys";
/** A key that waits until the item that is marked is there: what is shown until then is another one. */
let waiting = { key: "", id: "" };
const dialog = () => /** @type {HTMLDialogElement | null} */ (document.querySelector("#keys"));

/** The entry before or after the open one. @param {number} step */
function move(step) {
  waiting = { key: "", id: "" };
  const all = entries();
  const now = current();
  const at = now ? all.indexOf(now) + step : 0;
  if (all[at]) return void open(all[at]);
  const more = /** @type {HTMLAnchorElement | null} */ (document.querySelector(step > 0 ? ".mod-list a[rel=next]" : ".mod-list a[data-first]"));
  if (more) return void list(more.href);
  say(text(all.length ? (step > 0 ? "end" : "start") : "empty"));
}

/** Keeps a key for the item that is marked, and sees to it that this comes. @param {string} key */
function later(key) {
  const link = current();
  if (!link) return;
  waiting = { key, id: link.dataset.id ?? "" };
  say(text("loading"));
  if (!isLoading()) void open(link);
}

/** Presses the key that has waited, if what it was pressed for has come. */
function resume() {
  const { key, id } = waiting;
  waiting = { key: "", id: "" };
  if (!key || !isShown() || item()?.dataset.item !== id) return;
  say("");
  verdict(key);
}

/** Opens the form of a verdict, or gives it. @param {string} key */
function verdict(key) {
  if (!isShown()) return later(key);
  const found = /** @type {HTMLElement | null} */ (item()?.querySelector(`[data-key~="${CSS.escape(key)}"]`) ?? null);
  if (!found) return say(text("notHere"));
  const box = found.closest("details");
  if (!(box && found.matches("summary"))) return found.click();
  for (const other of item()?.querySelectorAll("details[open]") ?? []) if (other !== box && other.closest(".verdicts")) other.removeAttribute("open");
  box.open = true;
  const wanted = found.dataset.picks?.split(" ").find((one) => one.startsWith(`${key}:`))?.slice(2);
  const radio = wanted && box.querySelector(`input[type="radio"][value="${CSS.escape(wanted)}"]`);
  if (radio instanceof HTMLInputElement && !radio.checked) { radio.checked = true; radio.dispatchEvent(new Event("change", { bubbles: true })); }
  const part = box.querySelector('[name="part"]');
  const selected = String(getSelection() ?? "").trim();
  if (part instanceof HTMLInputElement && selected && item()?.querySelector(".body")?.contains(getSelection()?.anchorNode ?? null)) part.value = selected;
  const first = radio ?? box.querySelector("input:checked, input:not([type=hidden]), select, textarea");
  if (first instanceof HTMLElement) { first.focus({ preventScroll: true }); (box.querySelector(".words") ?? box).scrollIntoView({ block: "nearest" }); }
}

/** How many are selected, and what can be done with them. */
function count() {
  const picked = document.querySelectorAll(".mod-list .pick input:checked").length;
  const bar = document.querySelector(".mod-bulk");
  bar?.toggleAttribute("data-some", picked > 0);
  const line = bar?.querySelector("[data-picked]");
  if (line) line.textContent = text("selected", { count: picked });
}

/** @param {boolean} all */
function select(all) {
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (all ? document.querySelectorAll(".mod-list .pick input")
    : current()?.closest("li")?.querySelectorAll(".pick input") ?? document.querySelectorAll("never"));
  const on = [...boxes].some((box) => !box.checked);
  for (const box of boxes) box.checked = on;
  count();
}

/** Closes what is open; answers whether there was something. */
function close() {
  const box = /** @type {HTMLElement | null} */ (item()?.querySelector(".verdicts details[open]") ?? null);
  if (box) {
    box.removeAttribute("open");
    box.querySelector("summary")?.focus();
    return true;
  }
  const back = /** @type {HTMLElement | null} */ (document.querySelector(".mod-item [data-back]"));
  if (back?.checkVisibility()) { back.click(); return true; }
  return false;
}

/** @type {Record<string, () => void>} */
const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  u: () => {
    const undo = document.querySelector("[data-undo]");
    if (undo instanceof HTMLElement) undo.click(); else tell("nothingToUndo");
  },
  x: () => select(false),
  X: () => select(true),
  e: () => { if (document.querySelector(".mod-bulk[data-some]")) /** @type {HTMLElement | null} */ (document.querySelector("[data-bulk]"))?.click(); },
  n: () => /** @type {HTMLElement | null} */ (document.querySelector("[data-fresh]"))?.click(),
  "?": () => dialog()?.showModal(),
};

/** @param {EventTarget | null} target */
const isTyped = (target) => target instanceof HTMLElement && target.matches("textarea, select, input:not([type=checkbox], [type=radio])");

/** @param {KeyboardEvent} event */
function press(event) {
  const { key, target } = event;
  if (event.defaultPrevented || event.isComposing || event.metaKey || event.altKey || dialog()?.open) return;
  if (key === "Escape") { if (close()) event.preventDefault(); return; }
  if (key === "Enter" && event.ctrlKey && target instanceof HTMLTextAreaElement) return target.form?.requestSubmit();
  if (event.ctrlKey || isTyped(target) || store.get(OFF)) return;
  // In the form of a verdict keys mean what they mean in forms.
  if (target instanceof Element && target.closest(".verdicts .words")) return;
  if (key.startsWith("Arrow") && !(target instanceof Element && target.closest(".mod-list"))) return;
  if (/^[1-9]$/.test(key)) {
    event.preventDefault();
    return /** @type {HTMLElement | undefined} */ (document.querySelectorAll(".mod-queues a")[Number(key) - 1])?.click();
  }
  const act = ACTS[key] ?? (/^[a-z]$/.test(key) && (item() || current()) ? () => verdict(key) : null);
  if (!act) return;
  event.preventDefault();
  // Until the answer is there, nobody can know what the next key would be about.
  if (isSending() && key !== "?") return say(text("wait"));
  act();
}

/** Listens to keys. */
export function bindKeys() {
  document.addEventListener("keydown", press);
  document.addEventListener("aftershow:opened", resume);
  document.addEventListener("aftershow:given-up", () => { waiting = { key: "", id: "" }; });
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    if (target.closest(".pick")) count();
    if (target.matches("[data-keys]")) { if (target.checked) store.remove(OFF); else store.set(OFF, "1"); }
  });
  const box = document.querySelector("[data-keys]");
  if (box instanceof HTMLInputElement) box.checked = !store.get(OFF);
  document.querySelector("[data-help]")?.addEventListener("click", () => dialog()?.showModal());
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-all]")) select(true);
  });
  count();
}
