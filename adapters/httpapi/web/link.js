// What the pages behind links in mails share: the token of the link, and what they say
// once it is of no use.

import { onAddress, onSubmit, say, warn } from "./ui.js";

const form = document.getElementById("form");
const over = document.getElementById("over");

// The token is kept in memory only: not in the history, not on the screen, and as a
// fragment it was never sent to a server.
const link = new URLSearchParams(location.hash.slice(1));
if (location.hash) {
  history.replaceState(null, "", location.pathname);
}
// Whether the page has done what it is for, or cannot any more.
let ended = false;

// Another link that is opened in the same tab changes the fragment alone.
window.addEventListener("hashchange", () => location.reload());

if (link.get("token")) {
  form.hidden = false;
} else {
  end("This page needs the link from the mail. Open it there again.");
}

// detail returns what the link holds, or "".
export function detail(name) {
  return link.get(name) ?? "";
}

// end takes the form away, because its button would do nothing, says why, and shows what
// the user can do instead: a form with data-url asks for another mail there.
function end(reason) {
  if (ended) {
    return;
  }
  ended = true;
  form.hidden = true;
  over.hidden = false;
  warn(reason);
  over.focus();
  const again = document.getElementById("again");
  if (again) {
    onAddress({
      form: again,
      url: again.dataset.url,
      reason,
      done: () => {
        over.hidden = true;
        say(again.dataset.sent);
      },
    });
  }
}

// isOver ends the page if the service refuses the token of its link. It reports whether
// it does.
export function isOver(problem) {
  if (problem.code !== "invalid_or_expired_token") {
    return false;
  }
  end("This link has been used already, has expired, or is not complete.");
  return true;
}

// redeem makes the form's buttons redeem the token: body(token, button), done(answer,
// body) and failed(problem) are as those of onSubmit.
export function redeem({ url, body, done, failed = (problem) => warn(problem.detail) }) {
  onSubmit({
    form,
    url,
    body: (button) => body(detail("token"), button),
    done: (...answer) => {
      ended = true;
      done(...answer);
    },
    failed: (problem) => isOver(problem) || failed(problem),
  });
}
