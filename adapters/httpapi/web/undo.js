import { redeem } from "./link.js";
import { say } from "./ui.js";

redeem({
  url: "../email/change/undo",
  body: (token) => ({ token }),
  done: (user) => say(`Your account is back at ${user.email}, and everyone is signed out. A mail to choose a new password is on its way to that address.`),
});
