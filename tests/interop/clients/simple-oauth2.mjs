// simple-oauth2 (npm), as its documentation uses it. It knows OAuth 2.0 alone: no ID tokens, and `state` is the application's affair.
import { randomUUID } from 'node:crypto'
import simple from 'simple-oauth2'
import { serve } from './adapter.mjs'

let given, client, state, tokens

async function discover(settings) {
	given = settings
	const { issuer, client_id, client_secret } = settings
	// docs/clients.md: from here
	const { origin, pathname } = new URL(issuer)
	client = new simple.AuthorizationCode({
		client: { id: client_id, secret: client_secret },
		auth: {
			tokenHost: origin,
			authorizePath: `${pathname}/oauth2/authorize`,
			tokenPath: `${pathname}/oauth2/token`,
			revokePath: `${pathname}/oauth2/revoke`,
		},
	})
	// docs/clients.md: to here
	return {}
}

async function begin() {
	const { redirect_uri, scope } = given
	state = randomUUID()
	// docs/clients.md: from here
	const url = client.authorizeURL({ redirect_uri, scope, state })
	// docs/clients.md: to here
	return { url }
}

async function finish({ callback }) {
	const { redirect_uri } = given
	const answer = new URL(callback).searchParams
	if (answer.get('state') !== state) {
		throw new Error('another state came back')
	}
	// docs/clients.md: from here
	tokens = await client.getToken({ code: answer.get('code'), redirect_uri })
	// docs/clients.md: to here
	return { tokens: tokens.token, claims: null }
}

// The library throws what its HTTP client says; the OAuth error stands in the body.
async function refresh() {
	try {
		tokens = await tokens.refresh()
	} catch (error) {
		throw Object.assign(error, error.data?.payload)
	}
	return { tokens: tokens.token }
}

async function revoke() {
	// docs/clients.md: from here
	await tokens.revoke('refresh_token', { json: false }) // the reply has no body (RFC 7009)
	// docs/clients.md: to here
	return {}
}

await serve({ discover, begin, finish, refresh, revoke })
