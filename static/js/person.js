// @ts-check
/** A person as macros/person.html draws them, and the head of a page that knows its reader. */

/** @typedef {{ id: string, name: string, url: string, hue: number, kind: string }} Account */

/** The first letter of a name on one of twelve hues. @param {Account} account */
function avatar({ name, hue }) {
  const made = document.createElement("span");
  made.className = `avatar av${hue}`;
  made.ariaHidden = "true";
  made.textContent = [...name][0]?.toUpperCase() ?? "";
  return made;
}

/** @param {Account} account @param {string} [href] */
export function person(account, href = account.url) {
  const made = document.createElement("a");
  made.className = "person";
  made.href = href;
  const name = document.createElement("bdi");
  name.textContent = account.name;
  made.append(avatar(account), name);
  return made;
}

/** The way to the console, for whoever may decide about comments somewhere. @param {boolean} moderates */
export function admit(moderates) {
  const way = /** @type {HTMLElement | null} */ (document.querySelector("[data-moderate]"));
  if (way) way.hidden = !moderates;
}

/** The way in on top of our own pages becomes whoever came in, and back again. @param {Account | null} account */
export function greet(account, moderates = false) {
  admit(moderates);
  const way = /** @type {HTMLElement | null} */ (document.querySelector("[data-enter]"));
  if (!way) return;
  document.querySelector("[data-entered]")?.remove();
  way.hidden = !!account;
  if (!account) return;
  const link = person(account, "/settings");
  link.dataset.entered = "";
  way.after(link);
}
