// The flow with openapi-fetch and the types of openapi-typescript.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";
import { given, known, mailedToken } from "./given";

type Problem = components["schemas"]["Problem"];

function at(baseUrl: string, token?: string) {
  return createClient<paths>({ baseUrl, headers: token ? { Authorization: `Bearer ${token}` } : {} });
}

const email = given.email;
const password = "seven ravens under the bridge";

function refused(answer: { error?: Problem; response: Response }, status: number, code: string): Problem {
  const problem = known(answer.error, `the refusal ${code}`);
  assert.equal(answer.response.status, status);
  assert.equal(problem.code, code);
  return problem;
}

async function registerAndSignIn() {
  const service = at(given.service);
  const short = refused(await service.POST("/api/auth/email/register", { body: { email, password: "seven" } }), 422, "password_too_short");
  const least: number = known(short.min_length, "min_length");
  assert.equal(least, 8);
  assert.equal(short.errors?.[0]?.pointer, "/password");

  const registered = known((await service.POST("/api/auth/email/register", { body: { email, password } })).data, "an answer");
  assert.ok(registered.result === "verification_sent");
  assert.match(registered.message, /mail/);
  refused(await service.POST("/api/auth/login", { body: { email, password } }), 403, "email_not_verified");
  const user = known((await service.POST("/api/auth/email/verify", { body: { token: await mailedToken(email) } })).data, "a user");
  const confirmed: boolean = user.email_verified;
  assert.ok(confirmed);

  refused(await service.POST("/api/auth/login", { body: { email, password: "not the password" } }), 401, "invalid_credentials");
  const tokens = known((await service.POST("/api/auth/login", { body: { email, password } })).data, "tokens");
  const life: number = tokens.expires_in;
  assert.equal(typeof life, "number");
  return { user, tokens };
}

async function useSession(refreshToken: string) {
  const tokens = known((await at(given.service).POST("/api/auth/refresh", { body: { refresh_token: refreshToken } })).data, "tokens");
  const session = at(given.service, tokens.access_token);
  assert.equal(known((await session.GET("/api/auth/me")).data, "the user").email, email);
  const sessions = known((await session.GET("/api/auth/sessions")).data, "sessions").sessions;
  assert.ok(sessions[0]?.current);
  const events = known((await session.GET("/api/auth/me/activity", { params: { query: { limit: 5 } } })).data, "events").events;
  assert.equal(events[0]?.type, "logged_in");
  refused(await session.GET("/api/auth/admin/users"), 403, "forbidden");
  refused(await session.GET("/api/auth/me/activity", { params: { query: { limit: 201 } } }), 422, "validation_failed");

  const next = "a walk along the old canal";
  refused(await session.POST("/api/auth/password/change", { body: { current_password: "no", new_password: next } }), 422, "wrong_password");
  const changed = known((await session.POST("/api/auth/password/change", { body: { current_password: password, new_password: next } })).data, "tokens");
  refused(await session.GET("/api/auth/me"), 401, "session_ended");
  await at(given.service).POST("/api/auth/password/reset/request", { body: { email } });
  await at(given.service).POST("/api/auth/password/reset/confirm", { body: { token: await mailedToken(email), new_password: password } });
  refused(await at(given.service, changed.access_token).GET("/api/auth/me"), 401, "session_ended");
}

async function administrate(id: string) {
  const admin = at(given.service, given.adminToken);
  const query = { verified: true, created_after: new Date(0).toISOString(), q: email };
  const users = known((await admin.GET("/api/auth/admin/users", { params: { query } })).data, "users").users;
  assert.deepEqual(users.map((user) => user.id), [id]);
  const none = known((await admin.GET("/api/auth/admin/users", { params: { query: { ...query, verified: false } } })).data, "users").users;
  assert.equal(none.length, 0);
  const path = { user_id: id };
  const promoted = known((await admin.PATCH("/api/auth/admin/users/{user_id}", { params: { path }, body: { role: "admin" } })).data, "a user");
  assert.equal(promoted.role, "admin");
  const audit = known((await admin.GET("/api/auth/admin/audit", { params: { query: { subject_id: id, type: "role_changed" } } })).data, "events");
  assert.equal(audit.events.length, 1);
  assert.equal((await admin.DELETE("/api/auth/admin/users/{user_id}", { params: { path } })).response.status, 204);
  refused(await admin.GET("/api/auth/admin/users/{user_id}", { params: { path } }), 404, "user_not_found");
}

async function otherServices() {
  const registered = known((await at(given.optional).POST("/api/auth/email/register", { body: { email, password } })).data, "an answer");
  assert.ok(registered.result === "registered");
  assert.equal(registered.email, email);
  refused(await at(given.optional).POST("/api/auth/email/register", { body: { email, password } }), 409, "email_taken");

  const login = { body: { email, password } };
  await at(given.limited).POST("/api/auth/login", login);
  const limited = refused(await at(given.limited).POST("/api/auth/login", login), 429, "rate_limited");
  assert.ok(known(limited.retry_after, "retry_after") > 0);
}

async function laterRelease() {
  const later = at(given.later, "token");
  assert.equal(known((await later.GET("/api/auth/me")).data, "the user").role, "steward");
  assert.equal(known((await later.GET("/api/auth/me/activity")).data, "events").events[0]?.type, "moon_landed");
  refused(await later.POST("/api/auth/login", { body: { email, password } }), 403, "moon_only");
}

async function main() {
  const { user, tokens } = await registerAndSignIn();
  await useSession(tokens.refresh_token);
  await administrate(user.id);
  await otherServices();
  await laterRelease();
}

void main();
