-- Asks the service which user sent a request, because HAProxy has no such function.
-- haproxy.cfg loads this file and uses it as follows:
--
--     http-request lua.forward_auth user
--
-- Afterwards txn.auth_status is the status of the service's answer, or 0 without an
-- answer. txn.auth_user_id, txn.auth_user_email, txn.auth_role, txn.auth_session_id and
-- txn.auth_methods describe the user; they are empty unless the status is 204. The address
-- is also empty while it is not confirmed. The methods are those of the sign-in, separated
-- by commas; they are also empty if a release answers that does not send them.

-- The address for questions: a frontend of HAProxy itself, which knows the replicas.
local questions = os.getenv("AUTH_QUESTIONS")

-- The service answers within 5 seconds, if only with an error.
local patience = 7000 -- milliseconds

-- only returns the only value of a header, or nil if there are no or several values.
local function only(headers, name)
	local values = headers and headers[name]
	if values and values[0] and not values[1] then
		return values[0]
	end
	return nil
end

-- The variables that describe the user, by header of the service's answer. Claims may be
-- added; a claim that the answer lacks is empty.
local identity = {
	["x-auth-user-id"] = "txn.auth_user_id",
	["x-auth-user-email"] = "txn.auth_user_email",
	["x-auth-role"] = "txn.auth_role",
	["x-auth-session-id"] = "txn.auth_session_id",
	["x-auth-methods"] = "txn.auth_methods",
}

-- The headers without which an answer does not come from the service.
local required = { "x-auth-user-id", "x-auth-role", "x-auth-session-id" }

local function forward_auth(txn, role)
	for _, variable in pairs(identity) do
		txn:set_var(variable, "")
	end
	txn:set_var("txn.auth_challenge", "Bearer")
	txn:set_var("txn.auth_status", 0)

	local sent = txn.http:req_get_headers()
	local asked = { ["host"] = { only(sent, "host") or "auth-service" } }
	for _, name in ipairs({ "authorization", "x-forwarded-for", "x-request-id" }) do
		local value = only(sent, name)
		if value then
			asked[name] = { value }
		end
	end
	local answer = core.httpclient():get({
		url = "http://127.0.0.1/api/auth/forward-auth?role=" .. role,
		dst = questions,
		headers = asked,
		timeout = patience,
	})
	if not answer or not answer.status then
		return
	end
	txn:set_var("txn.auth_challenge", only(answer.headers, "www-authenticate") or "Bearer")
	if answer.status == 204 then
		for _, name in ipairs(required) do
			if not only(answer.headers, name) then
				return
			end
		end
		for name, variable in pairs(identity) do
			txn:set_var(variable, only(answer.headers, name) or "")
		end
	end
	txn:set_var("txn.auth_status", answer.status)
end

core.register_action("forward_auth", { "http-req" }, forward_auth, 1)
