import { onSubmit, passwordField, say } from "./ui.js";

const { field: password, refuse } = passwordField();
const minLength = Number(password.dataset.minLength);

onSubmit({
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
    say("good", "Your password is set, and you have been signed out everywhere. You can close this page and sign in.");
  },
  failed: (problem) => {
    if (problem.errors?.some((error) => error.pointer === "/new_password")) {
      refuse(problem.detail);
    } else {
      say("bad", problem.detail);
    }
  },
});
