// @ts-check
/** The pages of signing in: they tell this browser's other pages what has happened, and go on by themselves. */

const main = document.querySelector("main");
const next = main?.dataset.next ?? "/";
/** Whether somebody has signed in here: only then other pages ask who it is. */
const MARK = "aftershow.in";
const channel = "BroadcastChannel" in window ? new BroadcastChannel("aftershow") : null;

/** @param {boolean} inside */
function note(inside) {
  try {
    if (inside) localStorage.setItem(MARK, "1");
    else localStorage.removeItem(MARK);
  } catch { /* storage is refused here: the other pages ask when somebody presses "Sign in" */ }
}

if (main?.hasAttribute("data-signed-in")) {
  note(true);
  channel?.postMessage("signed-in");
} else if (main?.hasAttribute("data-signed-out")) {
  note(false);
}
if (main?.hasAttribute("data-go")) location.replace(next);
// The link from the mail was opened in another window of this browser.
if (main?.hasAttribute("data-waiting")) channel?.addEventListener("message", ({ data }) => { if (data === "signed-in") location.replace(next); });

// A link and a code count once: pressed twice, the second answer would say that it is over.
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
