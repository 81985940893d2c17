// What the pages behind links in mails share.

const form = document.getElementById("form");
const buttons = form.querySelectorAll("button");
const status = document.getElementById("status");

let token = "";
let details = new URLSearchParams();

// takeToken keeps the token from the address in memory only: not in the history,
// not on the screen, and as a fragment it was never sent to a server.
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.get("token")) {
    token = given.get("token");
    details = given;
  }
  if (location.hash) {
    history.replaceState(null, "", location.pathname);
  }
  form.hidden = !token;
  if (token) {
    say("", "");
  } else {
    say("bad", "This link is not complete. Open it again from the mail.");
  }
}

// detail returns what the link holds besides the token, or "".
export function detail(name) {
  return details.get(name) ?? "";
}

// say tells the outcome to eyes and to screen readers.
export function say(kind, text) {
  status.className = kind;
  status.textContent = text;
  if (text) {
    status.focus();
  }
}

// passwordField prepares the field for a password: a box shows what is typed. It
// returns the field, and refuse(reason), which tells why its content is not good.
export function passwordField() {
  const field = document.getElementById("password");
  const show = document.getElementById("show");
  show.addEventListener("change", () => {
    field.type = show.checked ? "text" : "password";
  });
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"));
  const refuse = (reason) => {
    field.setAttribute("aria-invalid", "true");
    say("bad", reason);
    field.focus();
  };
  return { field, refuse };
}

// onSubmit posts what body(token, button) returns once a button is pressed; nothing
// happens before. A body of null means that the form is not good yet. Afterwards
// done(answer, body) or failed(problem) is called.
export function onSubmit({ url, body, done, failed }) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = body(token, event.submitter);
    if (!content) {
      return;
    }
    setDisabled(true);
    say("", "");
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(content),
        // A cookie may prove that this browser registered, and the answer may set one, by
        // which the service admits a login of this browser.
        credentials: "same-origin",
        cache: "no-store",
      });
      const answer = response.status === 204 ? null : await response.json();
      if (response.ok) {
        token = "";
        form.hidden = true;
        done(answer, content);
      } else {
        failed(answer);
      }
    } catch {
      say("bad", "The service could not be reached. Check your connection and try again.");
    } finally {
      setDisabled(false);
    }
  });
}

function setDisabled(disabled) {
  for (const button of buttons) {
    button.disabled = disabled;
  }
}

window.addEventListener("hashchange", takeToken);
takeToken();
