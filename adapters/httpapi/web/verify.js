import { redeem } from "./link.js";
import { passwordField, say, warn } from "./ui.js";

const { input: password, refuse } = passwordField();
const proof = document.getElementById("proof");
const unknown = document.getElementById("unknown");

// askForProof shows the field for the password. The service asks for it if the account
// has one and another browser chose it, which may be that of somebody else.
function askForProof() {
  proof.hidden = false;
  unknown.hidden = false;
  password.focus();
}

redeem({
  url: "../email/verify",
  body: (token, button) => {
    if (proof.hidden) {
      return { token, require_proof: true };
    }
    if (button === unknown) {
      return { token, drop_password: true };
    }
    if (!password.value) {
      refuse("Enter the password, or press “I don’t know it”.");
      return null;
    }
    return { token, password: password.value };
  },
  done: (user, sent) => {
    password.value = "";
    if (sent.drop_password) {
      say(`${user.email} is confirmed. A mail to choose a password of your own is on its way to you.`);
    } else if (sent.password) {
      say(`${user.email} is confirmed. You can close this page and sign in.`);
    } else {
      say(`${user.email} is confirmed. You can close this page and sign in. If a mail asks you to choose a password, do that first.`);
    }
  },
  failed: (problem) => {
    if (problem.code === "proof_required") {
      askForProof();
    } else if (problem.code === "wrong_password") {
      refuse("This is not the password that was chosen. Try again, or press “I don’t know it”.");
    } else {
      warn(problem.detail);
    }
  },
});
