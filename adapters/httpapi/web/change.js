import { detail, onSubmit, passwordField, say } from "./ui.js";

const { field: password, refuse } = passwordField();
const who = document.getElementById("who");

// The mail names the account by its masked address. Any other text is not shown,
// because it could be the words of a forged link.
function nameAccount() {
  const account = detail("account");
  if (/^[!-~]\*\*\*@[a-z0-9.-]{1,253}$/.test(account)) {
    who.textContent = `Someone asked to use the address that this link was sent to for their account. The account's present address is ${account}.`;
  }
}

window.addEventListener("hashchange", nameAccount);
nameAccount();

onSubmit({
  url: "../email/verify",
  body: (token) => {
    if (!password.value) {
      refuse("Enter the password of the account.");
      return null;
    }
    return { token, password: password.value };
  },
  done: (user) => {
    password.value = "";
    say("good", `Your account now uses ${user.email}. Sign in with this address from now on. You can close this page.`);
  },
  failed: (problem) => {
    if (problem.code === "wrong_password") {
      refuse("This is not the password of the account. Try again.");
    } else {
      say("bad", problem.detail);
    }
  },
});
