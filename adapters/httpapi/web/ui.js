// What the pages behind links in mails share.

const form = document.getElementById("form");
const button = form.querySelector("button");
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

// onSubmit posts what body(token) returns once the button is pressed; nothing
// happens before. A body of null means that the form is not good yet. Afterwards
// done(answer) or failed(problem) is called.
export function onSubmit({ url, body, done, failed }) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = body(token);
    if (!content) {
      return;
    }
    button.disabled = true;
    say("", "");
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(content),
        // The answer may set a cookie, by which the service admits a login of this browser.
        credentials: "same-origin",
        cache: "no-store",
      });
      const answer = response.status === 204 ? null : await response.json();
      if (response.ok) {
        token = "";
        form.hidden = true;
        done(answer);
      } else {
        failed(answer);
      }
    } catch {
      say("bad", "The service could not be reached. Check your connection and try again.");
    } finally {
      button.disabled = false;
    }
  });
}

window.addEventListener("hashchange", takeToken);
takeToken();
