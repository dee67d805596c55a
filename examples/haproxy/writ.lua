-- Asks writ whether a call may go on (docs/gateway-proxies.md): "http-request lua.writ_check ADDR:PORT", the address being that of
-- writ's management listener. The call goes on with the decision's X-Writ-* headers, or is answered here.

local FACTS = { "X-Writ-Partition", "X-Writ-Actor", "X-Writ-Subject", "X-Writ-Client", "X-Writ-Scope", "X-Writ-Acting-Client" }
local REFUSALS = { [400] = true, [401] = true, [403] = true, [503] = true }
local KEPT = { "content-type", "cache-control", "www-authenticate", "x-request-id", "retry-after" }
local TIMEOUT_MS = 1000 -- of one question; HAProxy asks up to four times
local TOO_LARGE = '{"error":"invalid_request","error_description":"The headers of the call are too large: send fewer."}'
local UNAVAILABLE = '{"error":"temporarily_unavailable","error_description":"The access decision cannot be had now: try again."}'

-- HAProxy counts the values of a header from 0.
local function values(header)
	local list = {}
	if header ~= nil then
		local i = 0
		while header[i] ~= nil do
			list[#list + 1] = header[i]
			i = i + 1
		end
	end
	return list
end

local function answer(txn, status, headers, body)
	local reply = txn:reply { status = status, body = body }
	reply:add_header("access-control-allow-origin", "*")
	reply:add_header("access-control-expose-headers", "WWW-Authenticate, X-Request-Id")
	for _, name in ipairs(KEPT) do
		for _, value in ipairs(values(headers[name])) do
			reply:add_header(name, value)
		end
	end
	txn:done(reply)
end

local function answer_here(txn, status, body)
	answer(txn, status, { ["content-type"] = { [0] = "application/json" }, ["cache-control"] = { [0] = "no-store" } }, body)
end

core.register_action("writ_check", { "http-req" }, function(txn, check)
	local request = txn.http:req_get_headers()
	local headers = {
		["x-original-method"] = { txn.f:method() },
		["x-original-uri"] = { txn.f:pathq() },
		["x-forwarded-for"] = { txn.f:src() },
	}
	local tokens = values(request["authorization"])
	if #tokens > 0 then
		headers["authorization"] = tokens
	end

	local asked, reply = pcall(function()
		return core.httpclient():get { url = "http://" .. check .. "/gateway/check", headers = headers, timeout = TIMEOUT_MS }
	end)
	if not asked or reply == nil then
		core.Warning("writ_check: " .. tostring(reply))
		return answer_here(txn, 503, UNAVAILABLE)
	end
	-- Where writ is not reached, HAProxy makes a reply of its own, which is no JSON.
	local is_writs = values(reply.headers["content-type"])[1] == "application/json"
	if REFUSALS[reply.status] and is_writs then
		return answer(txn, reply.status, reply.headers, reply.body or "")
	end
	if reply.status ~= 204 or (values(reply.headers["x-writ-partition"])[1] or "") == "" then
		return answer_here(txn, 503, UNAVAILABLE)
	end

	local facts = {}
	for _, name in ipairs(FACTS) do
		facts[name] = values(reply.headers[name:lower()])[1] or ""
		txn.http:req_set_header(name, facts[name])
	end
	-- A header that finds no room beside the caller's is left out without a word, and an API would read something else.
	local set = txn.http:req_get_headers()
	for _, name in ipairs(FACTS) do
		local found = values(set[name:lower()])
		if #found ~= 1 or found[1] ~= facts[name] then
			return answer_here(txn, 431, TOO_LARGE)
		end
	end
	-- At the end: HAProxy goes on where an action fails, and looks for this.
	txn:set_var("txn.writ_decided", true)
end, 1)
