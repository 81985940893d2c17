import { onAddress, say } from "./ui.js";

const form = document.getElementById("form");

onAddress({
  form,
  url: "../password/reset/request",
  done: () => say("If there is an account for this address, a mail with a link is on its way to it. You can close this page."),
});
form.hidden = false;
