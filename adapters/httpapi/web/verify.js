import { onSubmit, say } from "./ui.js";

onSubmit({
  url: "../email/verify",
  body: (token) => ({ token }),
  done: (user) => say("good", `${user.email} is confirmed. You can close this page and sign in.`),
  failed: (problem) => say("bad", problem.detail),
});
