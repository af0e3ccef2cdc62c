// @ts-check
/** The head of our own pages: who has signed in here before is asked for by name; nobody else causes a request. */

/** Set where somebody signed in, see js/auth.js. */
const IN = "aftershow.in";
const way = document.querySelector("a[data-enter]");

/** Storage may be refused. @template T @param {() => T} use */
function tried(use) {
  try { return use(); } catch { return null; }
}

// Also where a sign-in led on without a page of its own: those that wait for it hear of it.
if (document.querySelector("main[data-signed-in], .masthead > .person")) {
  tried(() => localStorage.setItem(IN, "1"));
  new BroadcastChannel("aftershow").postMessage("signed-in");
}
// Drawn for its person: only whether they moderate is not known yet.
if (document.querySelector(".masthead > .person") && document.querySelector("[data-moderate]")) {
  fetch("/api/v1/me", { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject()))
    .then(async ({ moderates }) => { if (moderates) (await import("./person.js")).admit(true); })
    .catch(() => { /* the next page asks again */ });
}
if (way instanceof HTMLAnchorElement) {
  if (!location.pathname.startsWith("/auth")) way.search = new URLSearchParams({ next: location.pathname + location.search }).toString();
  // Where there is a discussion, js/identity.js asks.
  if (tried(() => localStorage.getItem(IN)) && !document.querySelector("[data-thread]")) {
    fetch("/api/v1/me", { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject()))
      .then(async ({ account, moderates }) => {
        if (account) (await import("./person.js")).greet(account, moderates);
        else localStorage.removeItem(IN);
      })
      .catch(() => { /* the way in stays */ });
  }
}
