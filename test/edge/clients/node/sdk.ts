// The flow with the client of hey-api.

import assert from "node:assert/strict";
import { createClient } from "./hey/client";
import * as api from "./hey";
import type { Problem } from "./hey";
import { given, known, mailedToken } from "./given";

function at(baseUrl: string, token?: string) {
  return { client: createClient({ baseUrl, ...(token ? { auth: token } : {}) }) };
}

const email = given.email;
const password = "seven ravens under the bridge";

function refused(answer: { error?: Problem; response?: Response }, status: number, code: string): Problem {
  const problem = known(answer.error, `the refusal ${code}`);
  assert.equal(answer.response?.status, status);
  assert.equal(problem.code, code);
  return problem;
}

async function registerAndSignIn() {
  const service = at(given.service);
  const short = refused(await api.register({ ...service, body: { email, password: "seven" } }), 422, "password_too_short");
  const least: number = known(short.min_length, "min_length");
  assert.equal(least, 8);
  assert.equal(short.errors?.[0]?.pointer, "/password");

  const registered = known((await api.register({ ...service, body: { email, password } })).data, "an answer");
  assert.ok(registered.result === "verification_sent");
  assert.match(registered.message, /mail/);
  refused(await api.login({ ...service, body: { email, password } }), 403, "email_not_verified");
  const user = known((await api.verifyEmail({ ...service, body: { token: await mailedToken(email) } })).data, "a user");
  const confirmed: boolean = user.email_verified;
  assert.ok(confirmed);

  refused(await api.login({ ...service, body: { email, password: "not the password" } }), 401, "invalid_credentials");
  const tokens = known((await api.login({ ...service, body: { email, password } })).data, "tokens");
  const life: number = tokens.expires_in;
  assert.equal(typeof life, "number");
  return { user, tokens };
}

async function useSession(refreshToken: string) {
  const tokens = known((await api.refresh({ ...at(given.service), body: { refresh_token: refreshToken } })).data, "tokens");
  const session = at(given.service, tokens.access_token);
  assert.equal(known((await api.currentUser(session)).data, "the user").email, email);
  const sessions = known((await api.listSessions(session)).data, "sessions").sessions;
  assert.ok(sessions[0]?.current);
  const events = known((await api.listActivity({ ...session, query: { limit: 5 } })).data, "events").events;
  assert.equal(events[0]?.type, "logged_in");
  refused(await api.listUsers(session), 403, "forbidden");
  refused(await api.listActivity({ ...session, query: { limit: 201 } }), 422, "validation_failed");

  const next = "a walk along the old canal";
  refused(await api.changePassword({ ...session, body: { current_password: "no", new_password: next } }), 422, "wrong_password");
  const changed = known((await api.changePassword({ ...session, body: { current_password: password, new_password: next } })).data, "tokens");
  refused(await api.currentUser(session), 401, "session_ended");
  await api.requestPasswordReset({ ...at(given.service), body: { email } });
  await api.confirmPasswordReset({ ...at(given.service), body: { token: await mailedToken(email), new_password: password } });
  refused(await api.currentUser(at(given.service, changed.access_token)), 401, "session_ended");
}

async function administrate(id: string) {
  const admin = at(given.service, given.adminToken);
  const query = { verified: true, created_after: new Date(0).toISOString(), q: email };
  const users = known((await api.listUsers({ ...admin, query })).data, "users").users;
  assert.deepEqual(users.map((user) => user.id), [id]);
  const none = known((await api.listUsers({ ...admin, query: { ...query, verified: false } })).data, "users").users;
  assert.equal(none.length, 0);
  const path = { user_id: id };
  const promoted = known((await api.changeUser({ ...admin, path, body: { role: "admin" } })).data, "a user");
  assert.equal(promoted.role, "admin");
  const audit = known((await api.listAudit({ ...admin, query: { subject_id: id, type: "role_changed" } })).data, "events");
  assert.equal(audit.events.length, 1);
  assert.equal((await api.deleteUser({ ...admin, path })).response?.status, 204);
  refused(await api.getUser({ ...admin, path }), 404, "user_not_found");
}

async function otherServices() {
  const registered = known((await api.register({ ...at(given.optional), body: { email, password } })).data, "an answer");
  assert.ok(registered.result === "registered");
  assert.equal(registered.email, email);
  refused(await api.register({ ...at(given.optional), body: { email, password } }), 409, "email_taken");

  await api.login({ ...at(given.limited), body: { email, password } });
  const limited = refused(await api.login({ ...at(given.limited), body: { email, password } }), 429, "rate_limited");
  assert.ok(known(limited.retry_after, "retry_after") > 0);
}

async function laterRelease() {
  const later = at(given.later, "token");
  assert.equal(known((await api.currentUser(later)).data, "the user").role, "steward");
  assert.equal(known((await api.listActivity(later)).data, "events").events[0]?.type, "moon_landed");
  refused(await api.login({ ...later, body: { email, password } }), 403, "moon_only");
}

async function main() {
  const { user, tokens } = await registerAndSignIn();
  await useSession(tokens.refresh_token);
  await administrate(user.id);
  await otherServices();
  await laterRelease();
}

void main();
