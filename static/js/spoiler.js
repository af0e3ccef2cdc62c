// @ts-check
/** What only writers of spoilers need: covering words, saying of what, seeing it as others do, and being asked first. */
import { labelled } from "./answer.js";
import { bodyOf, draftOf, insert } from "./composer.js";
import { button, element, lang, say, text } from "./page.js";
import { about, stateOf, works } from "./progress.js";
import { send } from "./send.js";

/** How long a text waits for advice before it is posted without, in milliseconds. */
const ADVICE = 4000;
/** So many works and parts are offered at once; how many there are is said. */
const OFFERED = 30;
const UNIT = /^(.*?)\s*(#\s*\d+|\b(?:s|season|e|ep|episode|ch|chapter|issue|no\.?)?\s*\d+(?:\s*[ex]\s*\d+)?)$/i;

/** How far the writer is in the main work, else what the discussion assumes of it. */
function ownLabel() {
  const [main] = about.order;
  if (!works[main]) return "";
  const assumed = about.scope.find((token) => token.startsWith(`${main}:`));
  const state = stateOf(main);
  const code = state?.s === "at" ? state.u : assumed?.slice(main.length + 1).replace("*", "");
  return state?.s === "at" || assumed ? `${works[main].title} ${code}`.trim() : "";
}

const drop = (form) => form.querySelector(".sp-note")?.remove();
/** A line above the buttons of the form; a new one takes the place of the old. */
function note(form, ...parts) {
  drop(form);
  const made = element("div", { class: "sp-note", role: "group", "aria-label": text("spoilers") }, ...parts);
  form.querySelector(".bar")?.before(made);
  return made;
}

/** Covers what is selected. @param {HTMLFormElement} form */
export function wrap(form, label = ownLabel()) {
  const area = bodyOf(form);
  const { value } = area;
  let { selectionStart: start, selectionEnd: end } = area;
  while (start < end && /\s/.test(value[start])) start++;
  while (end > start && /\s/.test(value[end - 1])) end--;
  const words = value.slice(start, end);
  const made = labelled(label, words || text("spoilerWords"));
  const block = made.startsWith(":::");
  const before = block && start > 0 && value[start - 1] !== "\n" ? "\n\n" : "";
  area.setSelectionRange(start, end);
  insert(area, before + made + (block && value[end] !== "\n" ? "\n" : ""));
  const at = start + before.length;
  if (!words) area.setSelectionRange(at + made.indexOf("||") + 2, at + made.length - 2);
  const change = button(text(label ? "change" : "sayOfWhat"), () => pick(form, (chosen) => {
    const old = area.value.indexOf(made);
    if (old < 0) return;
    area.setSelectionRange(old, old + made.indexOf(block ? "\n" : "||"));
    insert(area, block ? `:::spoiler ${chosen}` : `[${chosen}]`);
  }));
  note(form, element("span", {}, label ? text("coveredAs", { label }) : text("coveredBare")), change);
  if (!label) change.click();
}

/** The code of a unit however it was typed: "s1e04" and "1x4" are S1E4, "issue 7" is #7. */
const codeOf = (typed) => typed.toUpperCase().replace(/\s+/g, "").replace(/^(\d+)X/, "S$1E").replace(/^SEASON/, "S")
  .replace(/^(?:ISSUE|NO\.?|CHAPTER|CH|EPISODE|EP|E(?=\d))/, "#").replace(/([SE#])0+(?=\d)/g, "$1");

function matches(title, typed) {
  const plain = (words) => words.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N} ]/gu, "");
  const [name, sought] = [plain(title), plain(typed)];
  return name.includes(sought) || name.split(" ").map((word) => word[0]).join("").startsWith(sought);
}

/** Labels that fit what was typed. */
async function offers(typed) {
  const [, part, unit] = UNIT.exec(typed.trim()) ?? [];
  const name = part ?? typed.trim();
  const found = new Map(about.order.filter((id) => works[id] && matches(works[id].title, name)).map((id) => [id, works[id]]));
  const outcome = name.length > 1 ? await send("GET", `/api/v1/works?q=${encodeURIComponent(name)}`, null) : null;
  if (outcome?.ok) for (const work of outcome.data.works) found.set(work.id, work);
  const code = unit && codeOf(unit);
  /** @type {Set<string>} */
  const labels = new Set();
  for (const [id, { title, units, branch, groups }] of found) {
    const add = (one) => labels.add(`${title} ${one}`.trim());
    const codes = [...groups, ...units, ...branch].map(([one]) => one);
    const state = stateOf(id);
    if (code) {
      const exact = codes.filter((one) => one === code || (code[0] === "#" && !one.startsWith("S") && one.endsWith(code.slice(1))));
      // A whole part, and its last episode: who writes "s1" may mean either.
      const ends = exact.flatMap((one) => units.findLast((part) => part[1] === one)?.[0] ?? []);
      [...exact, ...ends, ...codes.filter((one) => one.startsWith(`${code}E`))].forEach(add);
    } else {
      if (state?.s === "at") add(state.u ?? "");
      add("");
      groups.forEach(([one]) => add(one));
    }
  }
  return [...labels];
}

/** Of what, and how far? Typed ("jj s1") and chosen from what fits. @param {HTMLFormElement} form @param {(label: string) => void} use */
export function pick(form, use) {
  const id = `${form.id}-labels`;
  const input = element("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": id, "aria-autocomplete": "list",
    "aria-label": text("ofWhat"), placeholder: text("ofWhatHint"), autocomplete: "off", dir: "auto" });
  const box = element("ul", { role: "listbox", id, "aria-label": text("ofWhat") });
  const done = (label) => {
    drop(form);
    bodyOf(form).focus();
    if (label) use(label);
  };
  const rest = element("small");
  let at = 0;
  const mark = () => [...box.children].forEach((option, place) => {
    option.ariaSelected = String(place === at);
    if (place !== at) return;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  });
  const fill = async () => {
    const typed = input.value;
    const labels = await offers(typed);
    if (typed !== input.value) return;
    box.replaceChildren(...labels.slice(0, OFFERED).map((label, place) => element("li", { role: "option", id: `${id}-${place}`, dir: "auto" }, label)));
    rest.textContent = labels.length > OFFERED ? text("fitting", { count: labels.length }) : "";
    at = 0;
    mark();
    if (typed) say(labels.length ? text("fitting", { count: labels.length }) : text("noneFits"));
  };
  input.addEventListener("input", fill);
  const panel = note(form, element("span", {}, text("ofWhat")), input, box, rest, button(text("cancel"), () => done(undefined), "quiet"));
  panel.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at = (at + step + box.children.length) % (box.children.length || 1);
    else if (event.key === "Enter" && event.target === input) done(box.children[at]?.textContent ?? undefined);
    else if (event.key === "Escape") done(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
    mark();
  });
  box.addEventListener("click", (event) => done(/** @type {Element} */ (event.target).closest("li")?.textContent ?? undefined));
  void fill();
  input.focus();
}

/** Positions come in characters, the text field counts in halves of some. */
const place = (value, count) => [...value].slice(0, count).join("").length;

/** Puts the cursor where the text has to be mended; a name that means several works is chosen. @param {HTMLFormElement} form @param {any[]} errors */
export function mend(form, errors) {
  const area = bodyOf(form);
  const { value } = area;
  const { pos, candidates } = errors.find((error) => error.candidates ?? error.pos !== undefined);
  const label = /\[([^\]\n]+)\](?=\s*(?:\|\||>!|~!))/.exec(value);
  let start = pos === undefined ? (label?.index ?? -1) + 1 : place(value, pos);
  if (candidates && value[start] === "[") start++;
  const length = candidates ? value.slice(start).search(/[\]">\n]|$/) : value.slice(start).search(/\s|$/) || 2;
  area.focus();
  area.setSelectionRange(start, start + length);
  if (!candidates) return;
  note(form, element("span", {}, text("whichOne")), ...candidates.map((one) => button(one.label, () => {
    drop(form);
    area.setSelectionRange(start, start + length);
    insert(area, one.label);
  })));
}

/** The preview as both kinds of readers see it. @param {HTMLFormElement} form @param {string} covered @param {string} open */
export function showBoth(form, covered, open) {
  const target = form.querySelector("[data-preview-body]");
  const views = element("span", { class: "views", "data-views": "", role: "group", "aria-label": text("seenBy") });
  for (const [words, html] of [["seenByOthers", covered], ["seenByFurther", open]]) {
    const made = button(text(words), () => {
      target?.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
      for (const other of views.children) other.ariaPressed = String(other === made);
    });
    made.ariaPressed = String(html === covered);
    views.append(made);
  }
  form.querySelector(".preview-mark")?.after(views);
}

/** Widens a stretch to its sentence. */
function sentence(value, from, to) {
  const start = Math.max(...[...value.slice(0, from).matchAll(/[.!?…]\s+|\n+/g)].map((end) => end.index + end[0].length), 0);
  const rest = /[.!?…](?=\s|$)|$|(?=\n)/m.exec(value.slice(to));
  return [start, to + (rest ? rest.index + rest[0].length : 0)];
}

/** Where a label stands in the text: in or at the brackets that the server found, else where it is written first. */
function labelAt(value, { label, start, end }) {
  const from = place(value, start ?? 0);
  const to = start === null || start === undefined ? value.length : place(value, end);
  const at = value.slice(from, to).indexOf(label);
  if (label && at >= 0) return [from + at, from + at + label.length];
  // Written in another way than the server says it: all that the brackets hold.
  return to < value.length || from ? [from + Number(value[from] === "["), to - Number(value[to - 1] === "]")] : null;
}

/** Of what the passages of a text say that they are: `[…]||`, `[…]>!`, `:::spoiler …` and `[spoiler=…]`, each once. */
function labelsIn(value) {
  const written = /\[([^\]\n]+)\](?=\s*(?:\|\||>!|~!))|^:::\s*spoiler[ \t]+(.+)$|\[spoiler=([^\]\n]+)\]/gim;
  const labels = [...value.matchAll(written)].flatMap((found) => (found[1] ?? found[2] ?? found[3]).replace(/^"|"$/g, "").split(" + ")).map((one) => one.trim());
  const plain = new Set(labels.map((one) => one.replace(/^\?\s*/, "")));
  // One that says itself quietly keeps all of them quiet.
  return (labels.some((one) => one.startsWith("?")) ? "? " : "") + [...plain].filter(Boolean).join(" + ");
}

/** Asks once whether words should be covered. Answers whether the text can go out now. @param {HTMLFormElement} form @returns {Promise<boolean>} */
export async function advise(form) {
  const outcome = await Promise.race([
    send("POST", "/api/v1/preview", { site: form.dataset.site, lang, ...draftOf(form) }),
    new Promise((later) => setTimeout(later, ADVICE, { ok: false })),
  ]);
  const advice = outcome.ok && outcome.data.advice?.[0];
  if (!advice) return true;
  const area = bodyOf(form);
  const whole = advice.kind === "mostly_covered";
  const label = advice.label || (whole && labelsIn(area.value)) || ownLabel();
  const [start, end] = whole ? [0, area.value.length] : sentence(area.value, place(area.value, advice.start ?? 0), place(area.value, advice.end ?? 0));
  const cover = (as) => { area.setSelectionRange(start, end); wrap(form, as); };
  const rename = (as) => {
    const found = labelAt(area.value, advice);
    if (!found) return;
    area.setSelectionRange(found[0], found[1]);
    insert(area, as);
  };
  const words = text(`advice.${advice.kind}`, { work: advice.work ?? label, label });
  const asked = note(form, element("span", {}, words));
  if (["mention", "repeats", "mostly_covered"].includes(advice.kind)) {
    asked.append(button(label ? text("coverAs", { label }) : text("coverIt"), () => cover(label), "primary"));
    if (!whole) asked.append(button(text("coverSelected"), () => wrap(form, label)));
  }
  if (["mention", "unknown_label"].includes(advice.kind)) asked.append(button(text("sayOfWhat"), () => pick(form, advice.kind === "mention" ? cover : rename)));
  asked.append(button(text(advice.kind === "mention" ? "noSpoiler" : "postAnyway"), () => {
    drop(form);
    form.requestSubmit(/** @type {HTMLElement} */ (form.querySelector("[data-post]")));
  }, "quiet"));
  form.dataset.advised = "";
  const told = advice.kind === "unknown_label" ? labelAt(area.value, advice) : [start, end];
  if (told) area.setSelectionRange(told[0], told[1]);
  say(words);
  return false;
}
