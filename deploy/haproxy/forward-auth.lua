-- Asks the service who sent a request, for HAProxy, which has no such thing built in.
-- haproxy.cfg loads it and uses it so:
--
--     http-request lua.forward_auth user
--
-- Afterwards txn.auth_status is the status of the service's answer, 0 if there is
-- none, and txn.auth_user_id, txn.auth_user_email, txn.auth_role and
-- txn.auth_session_id say who it is; they are empty unless the status is 204.

-- Where the service is asked: a frontend of HAProxy's own, which knows the replicas.
local questions = os.getenv("AUTH_QUESTIONS")

-- The service answers within 5 seconds, or says that it cannot.
local patience = 7000 -- milliseconds

-- only returns the only value of a header; nil if there are none or several.
local function only(headers, name)
	local values = headers and headers[name]
	if values and values[0] and not values[1] then
		return values[0]
	end
	return nil
end

-- What is told of the user, by header of the service's answer.
local identity = {
	["x-auth-user-id"] = "txn.auth_user_id",
	["x-auth-user-email"] = "txn.auth_user_email",
	["x-auth-role"] = "txn.auth_role",
	["x-auth-session-id"] = "txn.auth_session_id",
}

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
		for name, variable in pairs(identity) do
			local value = only(answer.headers, name)
			if not value then
				return -- not the service's answer
			end
			txn:set_var(variable, value)
		end
	end
	txn:set_var("txn.auth_status", answer.status)
end

core.register_action("forward_auth", { "http-req" }, forward_auth, 1)
