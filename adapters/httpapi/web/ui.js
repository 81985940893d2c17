// What all pages share: messages, fields with their errors, and the sending of forms.

const alerts = document.getElementById("alert");
const status = document.getElementById("status");

// say tells a good outcome to eyes and to screen readers.
export function say(text) {
  status.textContent = text;
  if (text) {
    status.focus();
  }
}

// warn tells what is wrong and belongs to no field. Screen readers read it at once.
export function warn(text) {
  alerts.textContent = text;
}

// field returns the field of an id with refuse(reason), which shows what is wrong with
// its content beside it and leads the user there.
export function field(id) {
  const input = document.getElementById(id);
  const error = document.getElementById(`${id}-error`);
  const tell = (reason) => {
    error.textContent = reason;
    input.setAttribute("aria-invalid", String(Boolean(reason)));
  };
  input.addEventListener("input", () => tell(""));
  const refuse = (reason) => {
    tell(reason);
    input.focus();
  };
  return { input, refuse };
}

// passwordField returns the field for a password: a box shows what is typed.
export function passwordField() {
  const password = field("password");
  const show = document.getElementById("show");
  show.addEventListener("change", () => {
    password.input.type = show.checked ? "text" : "password";
  });
  return password;
}

// post sends content to the API. It returns the answer, and ok, which reports whether
// the service did what it was asked. Errors: there is no answer of the service.
export async function post(url, content) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(content),
    // A cookie may prove that this browser registered, and the answer may set one, by
    // which the service admits a login of this browser.
    credentials: "same-origin",
    cache: "no-store",
  });
  return { ok: response.ok, answer: response.status === 204 ? null : await response.json() };
}

// onSubmit posts what body(button) returns once a button of a form is pressed; nothing
// happens before. A body of null means that the form is not good yet. Then done(answer,
// body) or failed(problem) is called. reason is the warning that the page begins with.
export function onSubmit({ form, url, body, done, failed = (problem) => warn(problem.detail), reason = "" }) {
  const buttons = form.querySelectorAll("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    warn(reason);
    const content = body(event.submitter);
    if (!content) {
      return;
    }
    say("");
    setDisabled(buttons, true);
    try {
      const { ok, answer } = await post(url, content);
      if (ok) {
        warn("");
        form.hidden = true;
        done(answer, content);
      } else {
        failed(answer);
      }
    } catch {
      warn("The service could not be reached. Check your connection and try again.");
    } finally {
      setDisabled(buttons, false);
    }
  });
}

// concerns reports whether a problem is about a member of the body.
export function concerns(problem, member) {
  return Boolean(problem.errors?.some((error) => error.pointer === `/${member}`));
}

// onAddress sends the address of a form, to which the service mails a link. reason is as
// that of onSubmit.
export function onAddress({ form, url, done, reason = "" }) {
  const { input, refuse } = field("email");
  onSubmit({
    form,
    url,
    body: () => {
      const email = input.value.trim();
      if (!email) {
        refuse("Enter your e-mail address.");
        return null;
      }
      return { email };
    },
    done,
    reason,
    failed: (problem) => {
      if (concerns(problem, "email")) {
        refuse(problem.detail);
      } else {
        warn(problem.detail);
      }
    },
  });
}

function setDisabled(buttons, disabled) {
  for (const button of buttons) {
    button.disabled = disabled;
  }
}
