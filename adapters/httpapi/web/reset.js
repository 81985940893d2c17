import { detail, isOver, redeem } from "./link.js";
import { concerns, passwordField, post, say, warn } from "./ui.js";

const { input: password, refuse } = passwordField();
// invited is true if the link is from an invitation to a new account.
let invited = false;
const minLength = Number(password.dataset.minLength);

redeem({
  url: "../password/reset/confirm",
  body: (token) => {
    // The service counts code points, and so does the spread.
    if ([...password.value].length < minLength) {
      refuse(`The password must have at least ${minLength} characters.`);
      return null;
    }
    return { token, new_password: password.value };
  },
  done: () => {
    password.value = "";
    say(
      invited
        ? "Your password is set, and your account is ready. You can close this page and sign in."
        : "Your password is set, and you have been signed out everywhere. You can close this page and sign in.",
    );
  },
  failed: (problem) => {
    if (concerns(problem, "new_password")) {
      refuse(problem.detail);
    } else {
      warn(problem.detail);
    }
  },
});

// nameAccount shows the account, under whose name password managers store the password.
// The page works without it.
async function nameAccount() {
  const token = detail("token");
  if (!token) {
    return;
  }
  const { ok, answer } = await post("../password/reset/check", { token });
  if (ok) {
    document.getElementById("username").value = answer.email;
    document.getElementById("account").hidden = false;
    invited = answer.purpose === "invitation";
    if (invited) {
      document.title = document.title.replace("Choose a new password", "Your invitation");
      document.querySelector("h1").textContent = "Your invitation: choose a password";
    }
  } else {
    isOver(answer);
  }
}

nameAccount().catch(() => {});
