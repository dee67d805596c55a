// openid-client (npm), as its documentation uses it, the signature of ID tokens verified too.
import * as client from 'openid-client'
import { serve } from './adapter.mjs'

let given, config, begun, tokens, subject

async function discover(settings) {
	given = settings
	const { issuer, client_id, client_secret } = settings
	// docs/clients.md: from here
	const authentication = client_secret ? client.ClientSecretPost(client_secret) : client.None()
	config = await client.discovery(new URL(issuer), client_id, undefined, authentication, {
		execute: [client.enableNonRepudiationChecks, client.allowInsecureRequests], // the latter for http on loopback
	})
	// docs/clients.md: to here
	return { issuer: config.serverMetadata().issuer, token_endpoint: config.serverMetadata().token_endpoint }
}

async function begin() {
	const { redirect_uri, scope } = given
	// docs/clients.md: from here
	begun = { verifier: client.randomPKCECodeVerifier(), state: client.randomState(), nonce: client.randomNonce() }
	const url = client.buildAuthorizationUrl(config, {
		redirect_uri,
		scope,
		code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
		code_challenge_method: 'S256',
		state: begun.state,
		nonce: begun.nonce,
	})
	// docs/clients.md: to here
	return { url: url.href }
}

async function finish({ callback }) {
	// docs/clients.md: from here
	tokens = await client.authorizationCodeGrant(config, new URL(callback), {
		pkceCodeVerifier: begun.verifier,
		expectedState: begun.state,
		expectedNonce: begun.nonce,
	})
	// docs/clients.md: to here
	subject = tokens.claims().sub
	return { tokens, claims: tokens.claims() }
}

async function refresh() {
	tokens = { ...tokens, ...(await client.refreshTokenGrant(config, tokens.refresh_token)) }
	return { tokens }
}

async function userinfo() {
	return { claims: await client.fetchUserInfo(config, tokens.access_token, subject) }
}

async function logout() {
	const { post_logout_redirect_uri } = given
	return { url: client.buildEndSessionUrl(config, { post_logout_redirect_uri, id_token_hint: tokens.id_token }).href }
}

async function revoke() {
	await client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: 'refresh_token' })
	return {}
}

await serve({ discover, begin, finish, refresh, userinfo, logout, revoke })
