import { detail, redeem } from "./link.js";
import { passwordField, say, warn } from "./ui.js";

const { input: password, refuse } = passwordField();

// The mail names the account by its masked address. Any other text is not shown,
// because it could be the words of a forged link.
const account = detail("account");
if (/^[!-~]\*\*\*@[a-z0-9.-]{1,253}$/.test(account)) {
  document.getElementById("who").textContent =
    `Someone asked to use the address that this link was sent to for their account. The account's present address is ${account}.`;
}

redeem({
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
    say(`Your account now uses ${user.email}. Sign in with this address from now on. You can close this page.`);
  },
  failed: (problem) => {
    if (problem.code === "wrong_password") {
      refuse("This is not the password of the account. Try again.");
    } else {
      warn(problem.detail);
    }
  },
});
