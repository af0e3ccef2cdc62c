// @ts-check
/** "How far are you?": the bar above a discussion, and its gate. */
import { parse } from "./clearing.js";
import { anyOpen, hideAll, isHeldBack, needed, showUpTo } from "./covers.js";
import { button, element, reveal, text } from "./page.js";
import { about, base, clears, here, list, reach, saidWorks, setOpened, setState, stateOf, works } from "./progress.js";

const bar = /** @type {any} */ (document.querySelector("[data-progress]")) ?? element("section", { class: "progress" });
/** @type {(() => void)[]} */
export const updates = [];

/** Nobody says when, or before now. */
export const isOut = ([, , , first]) => !first || Date.parse(first) <= Date.now();
/** What can be said something about here: the works of the discussion, what its covers need, and what was said of the same franchises. */
export function worksHere() {
  const own = [...new Set([...about.order, ...needed()])];
  const franchises = new Set(own.map((id) => works[id]?.franchise).filter(Boolean));
  return [...new Set([...own, ...saidWorks().filter((id) => franchises.has(works[id]?.franchise))])];
}
/** Hides a button; the focus, if it is there, goes to the bar or to what it stands above. */
function hideButton(made, hidden) {
  const focused = document.activeElement === made;
  made.hidden = hidden;
  if (!focused || !hidden) return;
  const summary = [...bar.querySelectorAll("summary")].find((one) => one.checkVisibility());
  if (summary) summary.focus(); else reveal(/** @type {any} */ (document.querySelector("#count, #conversation, [data-list]")));
}
/** A state in words. */
function said(id) {
  const state = stateOf(id);
  return state?.s === "at" ? state.u || text("finished") : state ? text(state.s === "none" ? "notStarted" : "dontMind") : "";
}

/** What can be said about one work. */
export function row(id) {
  const { title, units, groups, relations } = works[id];
  const say = (state) => {
    setState(id, state);
    if (relations.length) void import("./shelf.js").then(({ suggest }) => suggest(id, box));
  };
  const choice = (words, state) => {
    const chosen = () => { const now = stateOf(id); return now?.s === state.s && now.u === state.u; };
    const made = button(words, () => say(chosen() ? null : state));
    updates.push(() => { made.ariaPressed = String(chosen()); });
    return made;
  };
  const box = element("div", { class: "far", role: "group", "aria-label": title }, element("b", {}, element("bdi", {}, title)));
  const at = (unit) => ({ s: "at", u: unit[0] });
  box.append(choice(text("notStarted"), { s: "none" }));
  if (units.length > 1) {
    box.append(picker(id, say));
    for (const [group, complete] of groups) {
      const last = units.findLast((unit) => unit[1] === group);
      if (complete && last && isOut(last)) box.append(choice(text("finishedPart", { part: group }), at(last)));
    }
  } else if (units.length) box.append(choice(text("finished"), at(units[0])));
  box.append(choice(text("dontMind"), { s: "dont_care" }));
  const again = button(text("showUpTo"), () => showUpTo(id), "quiet");
  updates.push(() => { hideButton(again, !isHeldBack(id)); });
  box.append(again);
  return box;
}

/** The units to choose from, by season; what is not out yet cannot be chosen. */
function picker(id, say) {
  const select = element("select", { "aria-label": text("upTo") }, element("option", { value: "" }, text("upTo")));
  let box = /** @type {any} */ (select);
  for (const unit of works[id].units) {
    if (unit[1] && box.getAttribute("label") !== unit[1]) select.append((box = element("optgroup", { label: unit[1] })));
    const option = element("option", { value: unit[0] }, unit[0]);
    option.disabled = !isOut(unit);
    (unit[1] ? box : select).append(option);
  }
  select.addEventListener("change", () => say(select.value ? { s: "at", u: select.value } : null));
  updates.push(() => { const state = stateOf(id); select.value = (state?.s === "at" && state.u) || ""; });
  return select;
}

function bindBar() {
  const [main] = about.order.filter((id) => works[id]);
  if (!bar.isConnected) document.querySelector("[data-list]")?.before(bar);
  const hide = button(text("hideAll"), hideAll, "quiet");
  const more = element("details", { class: "others" }, element("summary", {}, text("otherWorks")));
  more.addEventListener("toggle", async () => (await import("./shelf.js")).fillShelf(more, main), { once: true });
  if (main) {
    const now = element("span");
    const fold = element("details", {}, element("summary", {}, element("b", {}, text("howFar")), " ", now), row(main), more);
    fold.open = !stateOf(main);
    updates.push(() => { now.textContent = said(main) && `${works[main].title}: ${said(main)}`; });
    bar.append(fold);
  } else bar.append(more);
  bar.append(hide);
  updates.push(() => {
    // Where the discussion is about nothing known, the bar holds what was said of works that its covers need.
    more.hidden = !main && !more.open && !needed().some(stateOf);
    const nothing = !anyOpen();
    bar.hidden = more.hidden && nothing;
    hideButton(hide, nothing);
  });
}

/** For those of whom nothing is known; who has said how far they are sees the covers. */
function bindGate() {
  const gate = /** @type {any} */ (document.querySelector("[data-gate]"));
  const later = list("later");
  if (!gate) return;
  const update = () => {
    gate.hidden ||= later.has(here) || !base().some((token) => !clears(token) && !stateOf(parse(token)[0]));
  };
  gate.addEventListener("click", (/** @type {any} */ event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    event.preventDefault();
    const { dataset } = pressed;
    if ("gateSeen" in dataset) for (const token of about.scope) reach(token);
    if ("gateLater" in dataset) later.set(here);
    else if (!base().every(clears)) setOpened(true);
    gate.hidden = true;
    reveal(/** @type {any} */ (document.querySelector("#count, [data-list]")));
  });
  for (const choice of gate.querySelectorAll("button")) choice.hidden = false;
  updates.push(update);
}

document.addEventListener("aftershow:revealed", async ({ target }) => (await import("./shelf.js")).askAfter(target));
bindBar();
bindGate();
const update = () => updates.forEach((one) => one());
for (const type of ["aftershow:progress", "aftershow:covers"]) document.addEventListener(type, update);
update();
