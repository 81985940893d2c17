import { onSubmit, say } from "./ui.js";

onSubmit({
  url: "../email/change/undo",
  body: (token) => ({ token }),
  done: (user) => say("good", `Your account is back at ${user.email}, and everyone is signed out. A mail to choose a new password is on its way to that address.`),
  failed: (problem) => say("bad", problem.detail),
});
